"""Addresses of clients for tests that share a stack: what is counted by address is counted for one test alone."""

from ipaddress import IPv4Address, IPv4Network
from itertools import count

_NUMBERS = count(1)
_NETWORK = IPv4Network("198.18.0.0/15")
"""That of benchmarks (RFC 2544): nobody's, like the addresses of examples, but there are enough of them."""


def new_address() -> str:
    """One that no other test of this process has."""
    return str(IPv4Address(int(_NETWORK.network_address) + next(_NUMBERS)))
