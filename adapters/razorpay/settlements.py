"""What the provider has paid to the shop's bank, and what is in it: its settlements and their reconciliation report."""

from collections.abc import Callable, Iterator
from datetime import datetime

from adapters.razorpay.entities import Answer, items_of, settled_item_of, settlement_of
from adapters.razorpay.transport import CONNECT_AND_READ, Client, GatewayUnavailable, Session
from domain.billing.provider import ProviderSettlement, SettledItem

_PAGE, _REPORT_PAGE = 100, 1000
"""Entries of a page: the provider's largest, of a list and of the report."""
_MOST_PAGES = 1000


class RazorpaySettlements:
    """Blocking calls, one at a time: the SDK's session is not made to be shared. ``close()`` it at the end."""

    def __init__(
        self, *, key_id: str, key_secret: str, base_url: str, timeout: tuple[float, float] = CONNECT_AND_READ
    ) -> None:
        self._session = Session(base_url, timeout)
        self._client = Client(session=self._session, auth=(key_id, key_secret), base_url=base_url.rstrip("/"))

    def settlements_between(self, since: datetime, until: datetime) -> Iterator[ProviderSettlement]:
        """Every settlement made in that time, asked for page by page."""
        within = {"from": int(since.timestamp()), "to": int(until.timestamp())}
        return map(settlement_of, _pages(lambda page: self._client.settlement.all(within | page), _PAGE))

    def settled_in(self, year: int, month: int) -> Iterator[SettledItem]:
        """Every payment, refund and adjustment that was settled in a month of India's calendar, page by page."""
        asked = {"year": year, "month": f"{month:02d}"}
        return map(settled_item_of, _pages(lambda page: self._client.settlement.report(asked | page), _REPORT_PAGE))

    def close(self) -> None:
        """Let go of the connection."""
        self._session.close()


def _pages(ask: Callable[[Answer], Answer], size: int) -> Iterator[Answer]:
    for page in range(_MOST_PAGES):
        items = items_of(ask({"count": size, "skip": page * size}))
        yield from items
        if len(items) < size:
            return
    raise GatewayUnavailable(f"a list of more than {_MOST_PAGES * size} entries")  # half of it would be a difference
