"""Every situation a booking can be in that the rules tell apart, by name; each is a fresh ``BookingBuilder``."""

from collections.abc import Callable

from domain.billing.records import Method
from tests.kinds.vehicle_service.bookings import (
    DOORSTEP,
    WALK_IN,
    BookingBuilder,
    analysed,
    booked,
    completed,
    delivered,
    estimate_ready,
    in_analysis,
    in_progress,
    out_for_delivery,
    received,
)
from tests.kinds.vehicle_service.people import ADMIN, BRAKES, MEENA, OIL

ONLINE, CASH = Method.ONLINE, Method.OFFLINE

SITUATIONS: dict[str, Callable[[], BookingBuilder]] = {
    "booked": booked,
    "pickup": lambda: booked().pickup_assigned(),
    "pickup report waits": lambda: booked().pickup_assigned().collected(),
    "pickup report sent back": lambda: booked().pickup_assigned().collected().report_sent_back(),
    "pickup report repeated": lambda: booked().pickup_assigned().collected().report_sent_back().collected(),
    "received": received,
    "analysis": in_analysis,
    "analysis sent back": lambda: analysed().analysis_sent_back(),
    "analysis waits": analysed,
    "estimate ready": estimate_ready,
    "order open": lambda: estimate_ready().order_opened(),
    "order lapsed": lambda: estimate_ready().order_opened().order_lapsed(),
    "order replaced": lambda: estimate_ready().order_opened().order_opened(OIL),
    "paid, nobody at work": lambda: estimate_ready().paid_online(),
    "cash agreed, nobody at work": lambda: estimate_ready().cash_agreed(),
    "in progress": in_progress,
    "work report waits": lambda: in_progress().work_reported(OIL),
    "work report sent back": lambda: in_progress().work_reported(OIL).report_sent_back(),
    "half done": lambda: in_progress(CASH).work_reported(OIL).work_validated(),
    "completed, paid": completed,
    "completed, cash due": lambda: completed(CASH),
    "out for delivery, paid": out_for_delivery,
    "out for delivery, cash due": lambda: out_for_delivery(CASH),
    "collection opened": lambda: out_for_delivery(CASH).collection_opened(),
    "cash verified": lambda: out_for_delivery(CASH).cash_verified(),
    "delivered, invoice owed": delivered,
    "delivered, closed": lambda: delivered(CASH).documents_issued(),
    "cancelled at once": lambda: booked().cancelled(),
    "cancelled on the way": lambda: booked().pickup_assigned().cancelled(),
    "cancelled, car with us": lambda: estimate_ready().cancelled(),
    "cancelled by the deadline": lambda: estimate_ready().decision_lapsed(),
    "cancelled, going home": lambda: estimate_ready().cancelled().drop_assigned(),
    "cancelled, fee collected": lambda: estimate_ready().cancelled().drop_assigned().cash_verified(),
    "cancelled, car returned": lambda: estimate_ready().cancelled().drop_assigned().cash_verified().brought_home(),
    "cancelled, closed": lambda: (
        estimate_ready().cancelled().drop_assigned().cash_verified().brought_home().documents_issued()
    ),
    "cancelled, refund pending": lambda: in_progress().cancelled(),
    "cancelled, car home, refund pending": lambda: in_progress().cancelled().drop_assigned().brought_home(),
    "cancelled, refund processed": lambda: (
        in_progress().documents_issued().cancelled().refunds_processed().documents_issued()
    ),
    "cancelled, late money on its way back": lambda: (
        estimate_ready().order_opened().cancelled().money_returned("the booking was cancelled")
    ),
    "walk-in booked": lambda: booked(WALK_IN),
    "walk-in received": lambda: received(WALK_IN),
    "walk-in estimate ready": lambda: estimate_ready(WALK_IN),
    "walk-in in progress": lambda: in_progress(ONLINE, WALK_IN),
    "walk-in completed, paid": lambda: completed(ONLINE, WALK_IN),
    "walk-in completed, cash due": lambda: completed(CASH, WALK_IN),
    "walk-in completed, cash verified": lambda: completed(CASH, WALK_IN).cash_verified(ADMIN),
    "walk-in delivered": lambda: delivered(CASH, WALK_IN),
    "walk-in cancelled at once": lambda: booked(WALK_IN).cancelled(),
    "walk-in cancelled, fee due": lambda: estimate_ready(WALK_IN).cancelled(),
    "walk-in cancelled, fee paid": lambda: estimate_ready(WALK_IN).cancelled().cash_verified(ADMIN),
    "walk-in cancelled, fetched": lambda: estimate_ready(WALK_IN).cancelled().cash_verified(ADMIN).handed_over(),
    "one mechanic after the other": lambda: (
        in_progress(ONLINE, DOORSTEP).work_reported(BRAKES).work_validated().service_assigned(MEENA)
    ),
}
