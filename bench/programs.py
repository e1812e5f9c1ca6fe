"""Where the programs are that are measured, and how each is set up.

A peer is measured twice where it makes a difference: as its authors advise, and as it comes out of `pip install`.
"""

from __future__ import annotations

import dataclasses
import pathlib

from worker import BENCH

ONE_BLAS_THREAD = {"OPENBLAS_NUM_THREADS": "1"}


@dataclasses.dataclass(frozen=True)
class Places:
    """Folders of the run."""

    environments: pathlib.Path  # `wheels` and `native`: virtual environments with the peers
    programs: pathlib.Path  # als_bench and the others
    purvey: pathlib.Path  # the command-line program
    work: pathlib.Path  # inputs and scratch files

    def python(self, environment: str) -> pathlib.Path:
        return self.environments / environment / "bin" / "python"

    def peer(self, environment: str, script: str) -> list[pathlib.Path]:
        """The beginning of a peer's command line."""
        return [self.python(environment), BENCH / "peers" / script]


@dataclasses.dataclass(frozen=True, eq=False)
class Fitter:
    """A program that fits the factor model, in one of its set-ups."""

    name: str
    setting: str
    command: list[pathlib.Path]
    solver: str
    environment: dict[str, str]
    same_as: str  # fitters with equal text take the same number of iterations


def fitters(places: Places) -> list[Fitter]:
    """purvey first: the others are compared with it."""
    implicit = places.peer("wheels", "fit_implicit.py")
    cmfrec = places.peer("wheels", "fit_cmfrec.py")
    irspack = places.peer("wheels", "fit_irspack.py")
    irspack_native = places.peer("native", "fit_irspack.py")
    return [
        Fitter("purvey", "auto", [places.programs / "als_bench"], "auto", {}, "purvey"),
        Fitter("implicit CG", "one BLAS thread", implicit, "cg", ONE_BLAS_THREAD, "implicit"),
        Fitter("implicit CG", "as installed", implicit, "cg", {}, "implicit"),
        Fitter("irspack CG", "-march=native", irspack_native, "cg", {}, "irspack"),
        Fitter("irspack CG", "as installed", irspack, "cg", {}, "irspack"),
        Fitter("cmfrec Cholesky", "one BLAS thread", cmfrec, "cholesky", ONE_BLAS_THREAD, "cmfrec"),
    ]
