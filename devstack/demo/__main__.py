"""`make demo`: start everything, watch bookings survive a crash, and verify the result.

In a terminal the stack stays up until Ctrl-C. Without one everything is stopped again, and the exit code is 0 only
when every booking passed its verification.
"""

import argparse
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

from devstack.demo import closing
from devstack.demo.calls import Json, Refused, TookTooLong
from devstack.demo.display import Display, LiveDisplay
from devstack.demo.kind import Demo, demo_of
from devstack.demo.runner import Runner
from devstack.errors import StackError
from devstack.parts.base import REPOSITORY
from devstack.stack import Stack
from devstack.stack_folder import StackFolder, read_json

_LIVE_PACE, _QUICK_PACE = 1.0, 0.25
_TIMEOUT = 120.0


def run_demo(demo: Demo, folder: StackFolder, display: Display, info: Json, pace: float) -> int:
    """Run and verify all scenarios on a running stack."""
    shop = demo.shop(info)
    try:
        runner = Runner(demo, folder, shop, display, pace=pace, timeout=_TIMEOUT)
        runner.run()
        booked = [run for run in runner.runs if run.booking]
        for run in booked:
            display.show("\n" + closing.timeline(run, demo.wording))
        display.show(f"\nverified against {demo.verified_against}:")
        faults = runner.faults()
        if booked:
            display.show("\nlook around:\n" + closing.addresses(demo.places(info, booked)))
            display.show("\nlog in as:\n" + closing.logins(demo.logins(info, booked)))
        for fault in faults:
            display.show(f"\nFAILED  {fault}")
        if not faults:
            display.show(f"\nall {len(runner.runs)} bookings passed, after {display.clock():.0f} s")
        return 1 if faults else 0
    except (Refused, TookTooLong) as error:
        display.show(f"\nFAILED  {error}")
        return 1
    finally:
        shop.close()


def on_the_running_stack(demo: Demo, folder: StackFolder, display: Display, pace: float) -> int:
    """A stack of this folder runs: use it and leave it running."""
    if demo.own_stack:
        raise StackError(
            f"a stack runs here already (process {folder.supervisor()}). {demo.own_stack}: `make down` first"
        )
    info: Json = read_json(folder.stack_file) or {}
    if missing := [part for part in demo.needed if not info.get(part)]:
        raise StackError(
            f"a stack runs in {folder.path} (process {folder.supervisor()}) but not whole or not ready: "
            f"{', '.join(missing)} missing in stack.json. Try again, or stop it with `make down`"
        )
    display.say(f"a stack runs here already (process {folder.supervisor()}): using it, and leaving it up")
    return run_demo(demo, folder, display, info, pace)


def on_a_new_stack(demo: Demo, folder: StackFolder, display: Display, pace: float) -> int:
    """Start one, run the demo, and stop it: at once, or on Ctrl-C in a terminal."""
    for name, value in demo.settings.items():
        display.say(f"with {name}={value}")
    stack = Stack(folder.root, env={**os.environ, **demo.settings}, say=display.say)
    try:  # not `with`: Ctrl-C while it starts must stop it as well
        stack.start()
        code = run_demo(demo, folder, display, stack.info, pace)
        if display.live:
            worker = stack.info["processes"]["worker"]
            display.show(
                f"\neverything stays up until Ctrl-C. Try: kill -9 {worker}   (the worker) and watch it return"
            )
            _until_interrupted()
        return code
    finally:
        stack.stop()


def _until_interrupted() -> None:
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        print(flush=True)


def _interrupt(signum: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m devstack.demo", description=__doc__)
    parser.add_argument(
        "--kind", default="vehicle-service", help="vehicle-service (if none is named) or local-services"
    )
    parser.add_argument("--root", type=Path, default=REPOSITORY, help="the folder that holds .stack/")
    parser.add_argument("--pace", type=float, help="seconds before each step (1.0 in a terminal, else 0.25)")
    arguments = parser.parse_args()
    live = sys.stdin.isatty() and sys.stdout.isatty()
    try:
        demo = demo_of(arguments.kind)
    except LookupError as error:
        parser.error(str(error))
    display = LiveDisplay(demo.wording) if live else Display(demo.wording)
    pace = arguments.pace if arguments.pace is not None else (_LIVE_PACE if live else _QUICK_PACE)
    folder = StackFolder(arguments.root)
    for signum in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, _interrupt)
    start = on_a_new_stack if folder.supervisor() is None else on_the_running_stack
    try:
        return start(demo, folder, display, pace)
    except StackError as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        display.show("stopped before the end")
        return 130


if __name__ == "__main__":
    sys.exit(main())
