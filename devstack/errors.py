"""What can go wrong with the stack, said to a person.

StackError
├── AlreadyRunning   another supervisor holds this folder
├── PartFailed       a part ended or stayed silent while starting
├── Interrupted      asked to stop before everything was ready
└── MissingTool      something must be installed first; the message names it
"""


class StackError(Exception):
    """The stack cannot do what was asked; the message is for the person at the terminal."""


class AlreadyRunning(StackError):
    """Another supervisor holds this folder."""


class PartFailed(StackError):
    """A part ended or stayed silent while starting."""


class Interrupted(StackError):
    """Asked to stop before everything was ready."""


class MissingTool(StackError):
    """Something must be installed first; the message names it."""
