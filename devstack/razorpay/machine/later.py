"""Tasks of the agenda: what the provider does by itself at a set time."""

from devstack.razorpay.box import Sandbox
from devstack.razorpay.machine import links, payments, refunds
from devstack.razorpay.store import Doc


def teach(box: Sandbox) -> None:
    """Register each task with the agenda."""

    async def outcome(entry: Doc) -> None:
        payment = box.store.get("payment", entry["payment"])
        if payment is None or payment["status"] != "created":
            return
        if entry["outcome"] == "failed":
            payments.fail(box, payment)
        else:
            payments.authorise(box, payment, capture=entry["capture"])

    async def give_up(entry: Doc) -> None:
        payment = box.store.get("payment", entry["payment"])
        if payment is not None and payment["status"] == "created":
            payments.fail(box, payment)

    async def authorise_late(entry: Doc) -> None:
        payment = box.store.get("payment", entry["payment"])
        if payment is not None and payment["status"] in {"created", "failed"}:
            payments.authorise_late(box, payment, capture=None)

    async def lapse(entry: Doc) -> None:
        payment = box.store.get("payment", entry["payment"])
        if payment is not None and payment["status"] == "authorized":
            payments.send_back(box, payment)

    async def fail_refund(entry: Doc) -> None:
        refund = box.store.get("refund", entry["refund"])
        if refund is not None and refund["status"] != "failed":
            refunds.settle(box, refund, "failed")

    async def expire_link(entry: Doc) -> None:
        link = box.store.get("link", entry["link"])
        if link is not None and link["status"] == "created":
            links.close(box, link, "expired")

    for task in (outcome, give_up, authorise_late, lapse, fail_refund, expire_link):
        box.agenda.teach(task.__name__, task)
