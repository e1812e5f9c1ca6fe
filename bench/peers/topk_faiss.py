"""Top K with faiss IndexFlatIP, exact search in float32: one user at a time, or all in one call."""

from __future__ import annotations

import faiss
import marks
import numpy as np
import topk_arguments


def main() -> None:
    arguments = topk_arguments.parse(__doc__)
    if arguments.matrix:
        raise SystemExit("faiss cannot leave out what each user has already")
    faiss.omp_set_num_threads(arguments.threads)
    index = faiss.IndexFlatIP(arguments.factors)
    index.add(topk_arguments.factors(arguments.products, arguments.factors))
    users = topk_arguments.factors(arguments.users, arguments.factors)
    lists = np.empty((len(users), arguments.k), np.int64)
    index.search(users[:1], arguments.k)
    with marks.measured("topk"):
        if arguments.mode == "batch":
            _, lists = index.search(users, arguments.k)
        else:
            for user in range(len(users)):
                _, lists[user : user + 1] = index.search(users[user : user + 1], arguments.k)
    topk_arguments.write_lists(arguments.output, lists)


if __name__ == "__main__":
    main()
