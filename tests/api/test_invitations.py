"""Whoever has an account without a password chooses one with a link."""

import uuid

import jwt
import pytest

from tests.api.concurrent import Api
from tests.api.mailbox import Mailbox, link_in
from tests.api.test_login import login
from tests.api.test_passwords import NEW, confirm


@pytest.mark.parametrize("role", ["mechanics", "admins"])
async def test_an_invitation_is_good_for_days_and_leads_to_the_first_login(api: Api, mailbox: Mailbox, role: str):
    number = uuid.uuid4().int % 10**9
    person = {
        "name": "Meera Made",
        "phone": f"8{number:09}",
        "email": f"meera{number}@example.com",
        "dob": "1990-01-01",
    }
    assert (await api.ask("POST", f"/{role}/", api.card("A"), json={**person, "dob": "1990-01-01"})).status_code == 201
    (mail,) = await mailbox.wait(person["email"], "set-password")
    assert mail["subject"] == "RevCare: your account is ready, choose a password"
    assert "good for 7 days and works once" in " ".join(mail["text"].split())
    link = link_in(mail)
    said = jwt.decode(link, options={"verify_signature": False})
    assert said["exp"] - said["asked"] / 1_000_000 > 6.99 * 24 * 3600
    assert (await confirm(api, link)).status_code == 200
    assert (await login(api, person["phone"], NEW)).status_code == 200
