"""Whoever has an account without a password chooses one with a link."""

from types import SimpleNamespace

import jwt
from temporalio.client import Client

from adapters.temporal import DATA_CONVERTER
from api.invitations import invite
from settings import Settings
from tests.api.asking import Api
from tests.api.mailbox import Mailbox, link_in
from tests.api.test_login import login
from tests.api.test_passwords import NEW, confirm


async def test_an_invitation_is_good_for_days_and_leads_to_the_first_login(api: Api, mailbox: Mailbox):
    nina = await api.newcomer()
    await api.rows.execute("UPDATE users SET password_hash = NULL WHERE id = $1", nina["id"])
    assert (await login(api, nina["phone"], nina["password"])).status_code == 401
    temporal = await Client.connect(api.info["temporal"], data_converter=DATA_CONVERTER)
    await invite(SimpleNamespace(settings=Settings(), temporal=temporal), nina["id"], nina["name"], nina["email"])
    (mail,) = await mailbox.wait(nina["email"], "set-password")
    assert mail["subject"] == "RevCare: your account is ready, choose a password"
    assert "good for 7 days and works once" in " ".join(mail["text"].split())
    link = link_in(mail)
    said = jwt.decode(link, options={"verify_signature": False})
    assert said["exp"] - said["asked"] / 1_000_000 > 6.99 * 24 * 3600
    assert (await confirm(api, link)).status_code == 200
    assert (await login(api, nina["phone"], NEW)).status_code == 200
