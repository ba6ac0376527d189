"""In the SDK's sandbox, which ``REVCARE_SANDBOXED_WORKFLOWS`` asks for, bookings live as without it."""

from collections import Counter
from datetime import timedelta

from settings import Process
from tests.workflows.engine import Engine, working
from tests.workflows.paths import PATHS


async def test_a_visit_whose_money_goes_back_lives_in_the_sandbox_to_its_end(engine: Engine):
    process = Process(graceful_shutdown=timedelta(0), sandboxed_workflows=True)
    async with engine.stopped(), working(engine.client, process=process) as sandboxed:
        visit = await PATHS["cancelled_with_fee_and_refund"](sandboxed)
        assert (await visit.closes()).status == "cancelled"
        mails = Counter(await visit.mailed())
    assert [refund.status for refund in visit.booking.refunds] == ["processed"]
    assert (mails["booking-confirmation"], mails["refund-processed"]) == (1, 1)
