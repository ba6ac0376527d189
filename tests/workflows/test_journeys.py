"""Whole visits, from the phone call to the car back at home."""

import pytest
from tests.workflows.paths import PATHS


@pytest.mark.parametrize("path", PATHS)
async def test_x(engine, path):
    visit = await PATHS[path](engine)
    print(path, visit.mails, visit.actions, visit.booking.refunds, [(i.leg, i.total) for i in visit.booking.invoices])
