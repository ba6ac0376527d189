"""Start a program that cannot outlive the process that asked for it.

Run as a plain script before the real program: it gives up root where asked, ties itself to its parent (Linux delivers
``signal`` when the parent dies, even by ``kill -9``) and then becomes the program, so the process id stays the same.

    python -I -S child_guard.py <parent pid> <signal> <uid>:<gid>|- <program> <arguments...>
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, signal, owner, *command = sys.argv[1:]
    if owner != "-":
        uid, gid = (int(part) for part in owner.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        # After giving up root: a change of user clears the tie.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal), 0, 0, 0)
    if os.getppid() != int(parent):
        sys.exit("the process that asked for this one is gone")
    os.execvp(command[0], command)  # noqa: S606 - becoming the program is the point


main()
