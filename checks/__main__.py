"""`python -m checks`: every check of this folder over the repository; exit code 1 when one of them finds something."""

import sys

from checks import frozen, generators, kind_fields, kinds, licences, names, release, sizes, trade_words
from checks.files import REPOSITORY

_CHECKS = (names, sizes, kinds, kind_fields, trade_words, generators, licences, release, frozen)


def main() -> int:
    found = [problem for check in _CHECKS for problem in check.problems(REPOSITORY)]
    for problem in found:
        print(problem)
    for note in release.notes(REPOSITORY):
        print(note)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
