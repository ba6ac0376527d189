"""What becomes of a second factor is told to its owner by mail."""

import pytest

from devstack.stack import Stack
from tests.addresses import new_address
from tests.api.concurrent import Api, Json
from tests.api.mailbox import Mailbox
from tests.api.operator import Operator
from tests.api.second_factors import HERE, Holder, holder, login_with

SLUG = "second-factor"


async def told(mailbox: Mailbox, admin: Holder, count: int) -> Json:
    """The newest of so many mails."""
    mails = await mailbox.wait(admin.card["email"], SLUG, count)
    assert len(mails) == count
    return mails[-1]


async def test_setting_it_up_new_recovery_codes_and_taking_it_off_are_told(api: Api, mailbox: Mailbox):
    admin = await holder(api)
    first = await told(mailbox, admin, 1)
    assert "YOUR SECOND FACTOR IS SET UP" in first["text"]
    assert "/password" in first["text"]
    assert not any(secret in str(first) for secret in (admin.app.secret, *admin.recovery_codes))
    assert (await admin.ask("POST", f"{HERE}/recovery-codes", json={"code": await admin.code()})).status_code == 200
    assert "YOU HAVE NEW RECOVERY CODES" in (await told(mailbox, admin, 2))["text"]
    body = {"current_password": admin.card["password"], "code": await admin.code()}
    assert (await admin.ask("POST", f"{HERE}/disable", json=body)).status_code == 200
    assert "YOUR SECOND FACTOR IS OFF" in (await told(mailbox, admin, 3))["text"]


async def test_each_recovery_code_that_is_used_is_told_with_how_many_are_left(api: Api, mailbox: Mailbox):
    admin, address = await holder(api), new_address()
    await told(mailbox, admin, 1)
    for number, code in enumerate(admin.recovery_codes[:2], 1):
        assert (await login_with(api, admin.card, code, address)).status_code == 200
        text = (await told(mailbox, admin, number + 1))["text"]
        assert "A RECOVERY CODE WAS USED" in text
        assert " ".join(text.split()).count(f"Recovery codes left: {10 - number}") == 1
        assert address in text
    assert (await login_with(api, admin.card, await admin.code())).status_code == 200
    assert len(await mailbox.to(admin.card["email"], SLUG)) == 3, "a code of the app is nothing to tell"


async def test_an_operator_who_takes_it_off_says_so_to_its_owner(
    api: Api, mailbox: Mailbox, stack: Stack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    admin = await holder(api)
    await told(mailbox, admin, 1)
    operator = Operator(capsys, monkeypatch)
    env = {"TEMPORAL_ADDRESS": stack.info["temporal"], "POSTGRESQL_URL": stack.info["postgres"]}
    code, said = await operator.run("reset-second-factor", "vehicle-service", admin.card["id"], **env)
    assert (code, said[-1].endswith("a mail tells them")) == (0, True), said
    text = " ".join((await told(mailbox, admin, 2))["text"].split())
    assert "Whoever runs the shop's computers has taken it off" in text
