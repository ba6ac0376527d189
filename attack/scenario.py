"""What is done to the product at once, how often, and what its customers do meanwhile."""

from dataclasses import dataclass

ATTACKERS = ("127.0.0.66", "127.0.0.67", "127.0.0.68", "127.0.0.69")
"""The addresses that the attackers share, in turn."""
CUSTOMERS_NETWORK = "127.0.2."
"""Each customer has an address of their own in it."""

SLOW_HEAD, SLOW_BODY, UNREAD, IDLE = "slow head", "slow body", "unread answer", "idle socket"
LARGE_BODY, REGISTRATION, LOGIN = "large body without a token", "registration", "login"
UPLOAD, CALLBACK, LOCKED = "upload", "replayed callback", "login that needs a locked row"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One attack: ``per_second`` of each kind, ``idle`` sockets that are opened again when they are closed.

    ``seconds`` that it lasts, as often as there are ``rounds``; each of the ``customers`` asks for something ``every``
    so many seconds.
    """

    per_second: dict[str, float]
    idle: int
    seconds: float
    rounds: int
    customers: int
    every: float

    @property
    def most_sockets(self) -> int:
        """So many the attackers have open at once at most: the slow ones for longer than they are borne."""
        return self.idle + int(_BORNE * sum(self.per_second.values()))


_BORNE = 20
"""Seconds after which an attacker gives up a connection by itself; the product drops it before (REVCARE_PATIENCE)."""

WHOLE = Scenario(
    per_second={
        SLOW_HEAD: 20,
        SLOW_BODY: 20,
        UNREAD: 5,
        LARGE_BODY: 20,
        REGISTRATION: 20,
        LOGIN: 40,
        UPLOAD: 4,
        CALLBACK: 20,
        LOCKED: 2,
    },
    idle=2000,
    seconds=20,
    rounds=3,
    customers=20,
    every=1.0,
)
SMALL = Scenario(
    per_second={
        SLOW_HEAD: 10,
        SLOW_BODY: 10,
        UNREAD: 2,
        LARGE_BODY: 5,
        REGISTRATION: 5,
        LOGIN: 5,
        UPLOAD: 1,
        CALLBACK: 5,
        LOCKED: 1,
    },
    idle=100,
    seconds=2,
    rounds=1,
    customers=4,
    every=0.5,
)
"""For `make test`: all of it, for a moment."""

MORE_MIB = 256.0
"""What the API's process may hold more than before, at any moment of an attack."""
DESCRIPTORS_LEFT = 50
"""So many more descriptors than before it may still have, ``BACK_WITHIN`` seconds after the attack."""
BACK_WITHIN = 5.0
SLOWEST = 1.0
"""Seconds that 99 of 100 requests of customers may take in any case; else twice as long as beside the listener."""
