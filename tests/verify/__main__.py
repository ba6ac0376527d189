"""``python -m tests.verify``: the adapters against the services that the environment names.

    RAZORPAY_KEY_ID=rzp_test_... RAZORPAY_KEY_SECRET=... make verify

Without any of them it says what it would do. Exit code 0 when every service that is named keeps what the product relies
on, 1 when one does not (a difference belongs into docs/provider.md), 2 when what is named must not be tried.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.verify.services import GIVEN, Refused, given_by, plan

_HERE = Path(__file__).parent


def main() -> int:
    """Tell the plan, then run it."""
    try:
        known = given_by(os.environ)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 2
    named, told = plan(known)
    print(told)
    if not named:
        print("\nNo service is named: nothing was asked. What is known of them is in docs/provider.md.")
        return 0
    files = [str(_HERE / service.tests) for service in named]
    words = [sys.executable, "-m", "pytest", "-v", "-n0", "-rs", *files, *sys.argv[1:]]
    env = {**os.environ, GIVEN: json.dumps(known)}
    code = subprocess.run(words, cwd=_HERE.parents[1], env=env, check=False).returncode
    print(f"\nCompared: {', '.join(service.name for service in named)}; what is marked SKIPPED above was not.")
    return min(code, 1)


if __name__ == "__main__":
    sys.exit(main())
