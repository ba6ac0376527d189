"""Everything that `make attack` does, for a moment and without a look at times: nobody is refused, nothing grows."""

from collections.abc import AsyncIterator

import psutil
import pytest

from attack.__main__ import most_descriptors
from attack.preparation import prepared
from attack.rounds import Seen, attacked, faults
from attack.scenario import DESCRIPTORS_LEFT, IDLE, MORE_MIB, SMALL
from devstack.stack import Stack
from tests.api.concurrent import until


@pytest.fixture(scope="module")
async def seen(stack: Stack) -> AsyncIterator[Seen]:
    with prepared(stack.info, SMALL) as there:
        yield await attacked(stack.info, there, stack.info["api"], SMALL, back=0)


def test_no_customer_is_refused_anything_while_the_shop_is_attacked(seen: Seen):
    assert faults([*seen.during, *seen.after]) == []
    assert seen.during


def test_every_kind_of_attack_took_place(seen: Seen):
    kinds = {what.partition(": ")[0] for what in seen.attackers}
    assert kinds == {*SMALL.per_second, IDLE}


def test_what_the_api_holds_is_bounded(seen: Seen):
    assert seen.most.descriptors <= most_descriptors([seen], SMALL)
    assert seen.most.mib - seen.before.mib <= MORE_MIB


async def test_descriptors_are_given_back_when_the_attackers_leave(seen: Seen, stack: Stack):
    api = psutil.Process(stack.info["processes"]["api"])

    async def are_back() -> bool:
        return api.num_fds() <= seen.before.descriptors + DESCRIPTORS_LEFT

    await until(are_back)
