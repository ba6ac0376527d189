"""The sandbox's entities have every key of the SDK's own fixtures, with values of the same JSON type.

The fixtures do not come with the wheel, so their keys are written down here; ``?`` marks what may also be null,
and keys that the API dropped long ago (``udf``, ``service_tax``) are left out.
"""

from typing import Any

import pytest

from devstack.razorpay import Served
from tests.devstack.razorpay.shop import Shop, eventually

JSON = {"str": str, "int": int, "bool": bool, "list": list, "dict": dict, "notes": (dict, list)}

ORDER = (
    "id:str entity:str amount:int amount_paid:int amount_due:int currency:str receipt:str? offer_id:str? status:str "
    "attempts:int notes:notes created_at:int"
)
PAYMENT = (
    "id:str entity:str amount:int currency:str status:str order_id:str? invoice_id:str? international:bool method:str "
    "amount_refunded:int refund_status:str? captured:bool description:str? card_id:str? bank:str? wallet:str? vpa:str? "
    "email:str contact:str notes:notes fee:int? tax:int? error_code:str? error_description:str? error_source:str? "
    "error_step:str? error_reason:str? acquirer_data:dict created_at:int"
)
REFUND = (
    "id:str entity:str amount:int currency:str payment_id:str notes:notes receipt:str? acquirer_data:dict "
    "created_at:int batch_id:str? status:str speed_processed:str? speed_requested:str"
)
TRANSFER = (
    "id:str entity:str status:str settlement_status:str? source:str recipient:str amount:int currency:str "
    "amount_reversed:int fees:int tax:int notes:notes linked_account_notes:list on_hold:bool on_hold_until:int? "
    "recipient_settlement_id:str? created_at:int processed_at:int? error:dict"
)
REVERSAL = (
    "id:str entity:str transfer_id:str amount:int fee:int tax:int currency:str notes:notes initiator_id:str "
    "customer_refund_id:str? utr:str? created_at:int"
)
DISPUTE = (
    "id:str entity:str payment_id:str amount:int currency:str amount_deducted:int reason_code:str respond_by:int "
    "status:str phase:str created_at:int evidence:dict"
)
EVIDENCE = (
    "amount:int summary:str? shipping_proof:list? billing_proof:list? cancellation_proof:list? "
    "customer_communication:list? proof_of_service:list? explanation_letter:list? refund_confirmation:list? "
    "access_activity_log:list? refund_cancellation_policy:list? term_and_conditions:list? others:list? "
    "submitted_at:int?"
)
LINK = (
    "accept_partial:bool amount:int amount_paid:int cancelled_at:int created_at:int currency:str customer:dict "
    "description:str expire_by:int expired_at:int first_min_partial_amount:int id:str notes:notes notify:dict "
    "order_id:str payments:list reference_id:str reminder_enable:bool reminders:list short_url:str status:str "
    "updated_at:int upi_link:bool user_id:str"
)
WEBHOOK = (
    "id:str created_at:int updated_at:int owner_id:str owner_type:str context:list disabled_at:int url:str "
    "alert_email:str secret_exists:bool entity:str active:bool events:list"
)
COLLECTION = "entity:str count:int items:list"
ERROR = "code:str description:str source:str step:str reason:str metadata:dict"


def agrees(entity: dict[str, Any], fixture: str, *, exactly: bool = False) -> None:
    expected = dict(pair.split(":") for pair in fixture.split())
    assert expected.keys() <= entity.keys()
    assert not exactly or expected.keys() == entity.keys()
    for key, kind in expected.items():
        value = entity[key]
        if value is None:
            assert kind.endswith("?"), f"{key} is null"
        else:
            assert isinstance(value, JSON[kind.rstrip("?")]), key
            assert kind != "int" or not isinstance(value, bool), key


def test_an_order_has_exactly_twelve_keys(sdk: Any, order: Any) -> None:
    agrees(order, ORDER, exactly=True)
    agrees(sdk.order.fetch(order["id"]), ORDER, exactly=True)
    listed = sdk.order.all({})
    agrees(listed, COLLECTION, exactly=True)
    agrees(listed["items"][0], ORDER, exactly=True)


@pytest.mark.parametrize("outcome", ["success", "failed", "pending"])
@pytest.mark.parametrize("method", ["upi", "card", "netbanking", "wallet"])
def test_a_payment_has_all_its_keys_whatever_became_of_it(
    sdk: Any, sandbox: Served, order: Any, outcome: str, method: str
) -> None:
    payment = sandbox.pay(order["id"], outcome=outcome, method=method)["payment"]
    agrees(payment, PAYMENT)
    agrees(sdk.order.payments(order["id"])["items"][0], PAYMENT)


def test_a_refund_has_exactly_thirteen_keys(sdk: Any, captured: Any) -> None:
    refund = sdk.payment.refund(captured["id"], {"amount": 500, "notes": {"a": "b"}, "receipt": "#126"})
    agrees(refund, REFUND, exactly=True)
    agrees(sdk.refund.all({})["items"][0], REFUND, exactly=True)
    assert refund["acquirer_data"].keys() == {"arn"}


def test_a_transfer_and_its_reversal_agree(sdk: Any, transfer: Any) -> None:
    agrees(transfer, TRANSFER, exactly=True)
    assert transfer["error"].keys() == {"code", "description", "field", "source", "step", "reason"}
    agrees(sdk.transfer.reverse(transfer["id"], {"amount": 100}), REVERSAL, exactly=True)
    for seen in (sdk.transfer.fetch(transfer["id"]), sdk.transfer.all({})["items"][0]):
        agrees(seen, TRANSFER, exactly=True)


def test_a_dispute_agrees(sdk: Any, sandbox: Served, captured: Any) -> None:
    dispute = sandbox.operate("POST", "disputes", payment_id=captured["id"])
    for seen in (dispute, sdk.dispute.accept(dispute["id"]), sdk.dispute.all({})["items"][0]):
        agrees(seen, DISPUTE)
        agrees(seen["evidence"], EVIDENCE, exactly=True)


def test_a_link_agrees_before_and_after_it_is_closed(sdk: Any) -> None:
    link = sdk.payment_link.create({"amount": 500, "currency": "INR"})
    agrees(link, LINK)
    assert (link["payments"], link["expired_at"], link["cancelled_at"]) == ([], 0, 0)
    agrees(sdk.payment_link.cancel(link["id"]), LINK)


def test_a_webhook_agrees(sdk: Any) -> None:
    hooks = sdk.webhook.all({})
    agrees(hooks, COLLECTION, exactly=True)
    agrees(hooks["items"][0], WEBHOOK)


def test_an_error_agrees_and_names_the_field(sandbox: Served) -> None:
    keys = (sandbox.config.key_id, sandbox.config.key_secret)
    answer = sandbox.http.post("/v1/orders", json={"amount": "x", "currency": "INR"}, auth=keys)
    assert answer.status_code == 400
    agrees(answer.json()["error"], ERROR)
    assert answer.json()["error"]["field"] == "amount"


def test_the_sdks_webhook_fixture_is_one_of_our_bad_days(sandbox: Served, shop: Shop, order: Any) -> None:
    rule = {"authorized_snapshot_captured": True, "omit_account_id": True, "pretty_print": True}
    sandbox.chaos(webhooks=[{"match": "payment.authorized", **rule}])
    sandbox.pay(order["id"])
    event = eventually(lambda: shop.received)[0].json
    assert event.keys() == {"event", "entity", "contains", "payload", "created_at"}
    entity = event["payload"]["payment"]["entity"]
    agrees(entity, PAYMENT)
    assert (entity["status"], entity["captured"]) == ("captured", True)
