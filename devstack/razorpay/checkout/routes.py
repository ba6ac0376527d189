"""Pages of the checkout; none of them needs a key, as in the real one the browser only carries the public one."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jinja2
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from devstack.razorpay.box import Sandbox
from devstack.razorpay.errors import ApiError
from devstack.razorpay.machine import links, payments
from devstack.razorpay.machine.attempts import Wish, callback_fields, pay
from devstack.razorpay.rest.reading import Box
from devstack.razorpay.store import Doc, public

router = APIRouter()
_TEMPLATES = Path(__file__).with_name("templates")
_PAGES = jinja2.Environment(loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True)
LATE_BY = 3.0


@router.get("/checkout")
async def page(request: Request, box: Box, order_id: str, callback_url: str = "", cancel_url: str = "") -> Response:
    """The page that a shop sends its customer to."""
    return _checkout(box, order_id, callback_url, cancel_url, _notes(request.query_params.items()))


@router.post("/v1/checkout/embedded")
async def embedded(request: Request, box: Box) -> Response:
    """The same page, asked for by a form of the shop; what its notes say ends up in the payment, unchecked."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    notes = _notes(form.items())
    return _checkout(box, form.get("order_id", ""), form.get("callback_url", ""), form.get("cancel_url", ""), notes)


@router.post("/checkout/act")
async def act(request: Request, box: Box) -> Response:
    """A button was pressed."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    order = box.find("order", "order", form.get("order_id", ""))
    choice, notes = form.get("choice", "success"), _notes(form.items())
    if choice == "success" and form.get("instrument", "").strip().lower() == "failure@razorpay":
        choice = "fail"
    wish = Wish(outcome=_OUTCOMES.get(choice, "success"), notes=notes, method=form.get("method") or "upi")
    try:
        payment = pay(box, order, wish)
    except ApiError as refusal:
        return _page("told.html", status=400, title="Payment declined", text=refusal.error["description"])
    if choice == "retry":
        payments.authorise_late(box, payment, capture=None)
    if choice == "late":
        due = box.clock.now() + LATE_BY
        box.agenda.add("authorise_late", due, payment=payment["id"])
    return _result(box, choice, payment, form.get("callback_url", ""))


@router.get("/l/{link_id}")
async def link(link_id: str, box: Box) -> Response:
    """The short address of a payment link."""
    found = box.find("link", "plink", link_id)
    query = urlencode({"order_id": found["order_id"], "callback_url": found["callback_url"]})
    return RedirectResponse(f"/checkout?{query}", status_code=302)


@router.get("/checkout.js")
async def script(request: Request) -> Response:
    """The stub of the script that shops embed."""
    text = (_TEMPLATES / "checkout.js").read_text(encoding="utf-8")
    base = str(request.base_url).rstrip("/")
    return Response(text.replace("__BASE__", base), media_type="text/javascript")


@router.get("/")
async def overview(box: Box) -> Response:
    """For people: the latest orders, each with its way to the checkout."""
    orders = [public(order) for order in reversed(box.store.all("order"))][:50]
    return _page(
        "overview.html", orders=orders, endpoints=box.webhooks.endpoints.all(), events=box.store.count("event")
    )


@router.get("/health")
async def health() -> dict[str, str]:
    """For the supervisor."""
    return {"status": "ok"}


_OUTCOMES = {"fail": "failed", "retry": "failed", "late": "failed", "pending": "pending"}


def _result(box: Sandbox, choice: str, payment: Doc, callback_url: str) -> Response:
    """Send the browser back to the shop with what happened, or show it here when the shop is not to be informed."""
    link = next(iter(box.store.by("link", "order_id", payment["order_id"])), None)
    if choice in {"success", "retry"} and link is not None and callback_url:
        query = urlencode(links.callback_fields(box, link, payment))
        return RedirectResponse(f"{callback_url}{'&' if '?' in callback_url else '?'}{query}", status_code=303)
    if choice in {"success", "retry"}:
        carried: dict[str, str] = callback_fields(box, payment)
        return _page("back.html", url=callback_url, fields=carried, event="success")
    if choice == "fail":
        error = payments.failure_fields(payment)
        metadata = f'{{"payment_id":"{payment["id"]}","order_id":"{payment["order_id"]}"}}'
        carried = {f"error[{key}]": str(value) for key, value in error.items() if key != "metadata"}
        return _page("back.html", url=callback_url, fields={**carried, "error[metadata]": metadata}, event="failed")
    text = {
        "close": "The payment went through and the tab was closed: the shop hears of it by webhook or by asking.",
        "pending": "The bank has not answered yet.",
        "late": "The payment failed; the bank will say yes in a few seconds.",
    }[choice]
    return _page("told.html", title=payment["id"], text=text)


def _checkout(box: Sandbox, order_id: str, callback_url: str, cancel_url: str, notes: Doc) -> Response:
    order = box.find("order", "order", order_id)
    shown: dict[str, Any] = {"order": public(order), "notes": notes, "rupees": f"{order['amount'] / 100:,.2f}"}
    return _page("checkout.html", callback_url=callback_url, cancel_url=cancel_url, **shown)


def _notes(items: Any) -> Doc:
    return {name[6:-1]: value for name, value in items if name.startswith("notes[") and name.endswith("]")}


def _page(template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    return HTMLResponse(_PAGES.get_template(template).render(**values), status_code=status)
