"""What ``revcare stuck`` says of bookings of local services that an admin has to look at."""

from adapters.postgres.database import Pools
from domain.attention import all_deadlines
from domain.commands import Alert
from kinds.local_services.domain.kind import LOCAL_SERVICES
from operations.stuck import stuck
from settings import Stores
from tests.kinds.local_services.postgres.test_bookings import Pair, database, pair

__all__ = ["database", "pair"]

WAITS = "it does not go through to transfer 1111.05 (po-1-1): the account is suspended"


async def line_of(postgres: str, number: int, kinds=(LOCAL_SERVICES,)) -> str:
    pools = Pools(Stores(postgresql_url=postgres))
    found = await stuck(pools, kinds)
    await pools.close()
    [line] = [line for each in found for line in each.oldest if f" {number}:" in line]
    return line.partition("UTC, ")[2]


async def test_a_share_that_waits_is_listed_with_the_reason_why_it_does(pair: Pair, postgres: str):
    number = await pair.live(Alert("transfer po-1-1", WAITS, lasting=True))
    assert await line_of(postgres, number) == f"attention: {WAITS}"
    assert await line_of(postgres, number, kinds=()) == "attention", "of a kind that is not installed"


async def test_a_wait_that_takes_too_long_is_listed_with_what_it_waits_for(pair: Pair, postgres: str):
    request = pair.request()
    number = await pair.opens(request)
    request.paid()
    call = next(each for each in all_deadlines(LOCAL_SERVICES, request.booking) if isinstance(each.command, Alert))
    request.when(call.at).asks(call.command)
    await pair.moves(request)
    assert await line_of(postgres, number) == "attention: waits for the provider to begin the work"
