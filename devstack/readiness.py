"""Wait until a part that was just started answers, and say why it does not."""

import threading
import time

from devstack.child import Child
from devstack.errors import Interrupted, PartFailed
from devstack.parts import Part
from devstack.progress import clock

_PAUSE = 0.05


def until_ready(part: Part, child: Child | None, since: float, stopping: threading.Event) -> None:
    """Ask the part until it answers; `child` is its process, None where somebody else runs it.

    Raises:
        Interrupted: the stack is asked to stop.
        PartFailed: the process ended, or did not answer within the part's time.
    """
    while not part.ready():
        if stopping.is_set():
            raise Interrupted("stopped before everything was ready")
        _must_live(part, child)
        if time.monotonic() - since > part.timeout:
            log = part.site.folder.end_of_log(part.name)
            raise PartFailed(f"{part.name} does not answer for {clock(since)}.\n{log}")
        time.sleep(_PAUSE)
    _must_live(part, child)


def _must_live(part: Part, child: Child | None) -> None:
    if child and (fate := child.fate()):
        raise PartFailed(f"{part.name} {fate} while starting.\n{part.site.folder.end_of_log(part.name)}")
