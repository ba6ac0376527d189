"""What `stack.json` tells whoever works with a stack that runs."""

from devstack.stack import Stack
from devstack.stack_json import KEYS


def test_a_whole_stack_has_the_keys_that_are_promised(stack: Stack):
    found = set()
    for name, value in stack.info.items():
        found |= {f"{name}.{key}" for key in value} if isinstance(value, dict) else {name}
    assert set(KEYS) - found == set()
