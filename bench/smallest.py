"""The smallest number that is enough, with as few tries as a good guess allows."""

from __future__ import annotations

from collections.abc import Callable


def smallest_reaching(reaches: Callable[[int], bool], guess: int, most: int) -> int | None:
    """The smallest number from 1 to `most` that reaches, walking from `guess`; None: even `most` does not."""
    number = guess
    if reaches(number):
        while number > 1 and reaches(number - 1):
            number -= 1
        return number
    while number < most:
        number += 1
        if reaches(number):
            return number
    return None
