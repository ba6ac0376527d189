"""Push services: the adapter of Firebase Cloud Messaging and the fake of the tests keep the same promises."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from activities.pushes import PushSender
from adapters.push import FcmSender
from devstack.phone.store import TokenState
from domain.errors import Invalid
from domain.pushes import GONE, SENT, Device, Fate, Push
from push_settings import PushService
from tests.fakes.phones import Phones, phones
from tests.fakes.pushes import FakePushService
from workers.pushes import must_be_usable

PUSH = Push(41, "booking.accepted", "Accepted", "Deep clean, 12 December", booking_id=1007)


@pytest.fixture(scope="module")
async def firebase(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Phones]:
    async with phones(tmp_path_factory.mktemp("phones")) as running:
        yield running


@dataclass
class Service:
    """A push service, and how a device of it answers."""

    sender: PushSender
    fake: FakePushService | None
    phones: Phones

    def answers(self, token: str, state: str) -> None:
        if self.fake is not None:
            self.fake.states[token] = state
        else:
            self.phones.store.set_state(token, TokenState(state))

    def shown(self, token: str) -> list[tuple[str, str]]:
        """Title and body of what the device shows."""
        if self.fake is not None:
            return [(push.title, push.body) for to, push in self.fake.shown if to == token]
        shown = [each["message"]["notification"] for each in self.phones.store.pushes(token) if each["status"] == 200]
        return [(each["title"], each["body"]) for each in shown]


@pytest.fixture(params=["fake", "firebase"])
async def service(request: pytest.FixtureRequest, firebase: Phones) -> AsyncIterator[Service]:
    if request.param == "fake":
        fake = FakePushService()
        yield Service(fake, fake, firebase)
        return
    sender = FcmSender(firebase.credentials, firebase.url)
    yield Service(sender, None, firebase)
    await sender.close()


def device(token: str) -> Device:
    return Device(7, token, "android")


async def test_a_device_shows_what_is_sent_to_it(service: Service):
    assert await service.sender.send(device("shows"), PUSH) == SENT
    assert service.shown("shows")[-1:] == [("Accepted", "Deep clean, 12 December")]


@pytest.mark.parametrize("state", ["unregistered", "invalid"])
async def test_a_token_of_nobody_is_gone(service: Service, state: str):
    service.answers(state, state)
    assert await service.sender.send(device(state), PUSH) == GONE
    assert service.shown(state) == []


async def test_a_busy_service_says_when_it_wants_to_be_asked_again(service: Service):
    service.answers("busy", "busy")
    outcome = await service.sender.send(device("busy"), PUSH)
    assert (outcome.fate, outcome.seconds, outcome.attention) == (Fate.LATER, 1.0, False)
    assert "429" in outcome.why


async def test_a_service_that_refuses_us_is_for_an_operator(service: Service):
    service.answers("denied", "denied")
    outcome = await service.sender.send(device("denied"), PUSH)
    assert (outcome.fate, outcome.attention) == (Fate.LATER, True)
    assert outcome.seconds >= 60
    assert "SENDER_ID_MISMATCH" in outcome.why


async def test_what_no_device_could_show_is_refused_for_good(service: Service):
    with pytest.raises(Invalid):
        await service.sender.send(device("shows"), Push(42, "t", "Long", "x" * 5000))


async def test_firebase_is_told_what_the_application_needs_and_which_push_takes_the_place_of_which(firebase: Phones):
    sender = FcmSender(firebase.credentials, firebase.url)
    await sender.send(device("exact"), PUSH)
    await sender.close()
    [push] = firebase.store.pushes("exact")
    assert push["message"] == {
        "token": "exact",
        "notification": {"title": "Accepted", "body": "Deep clean, 12 December"},
        "data": {"type": "booking.accepted", "booking_id": "1007", "notification_id": "41"},
        "android": {"collapse_key": "41", "ttl": "86400s"},
        "apns": {"headers": {"apns-collapse-id": "41"}},
    }


async def test_one_access_token_serves_many_pushes_and_one_that_is_refused_is_replaced(firebase: Phones):
    sender = FcmSender(firebase.credentials, firebase.url)
    await sender.send(device("token"), PUSH)
    account: Any = sender._account
    first = account._credentials.token
    await sender.send(device("token"), PUSH)
    assert account._credentials.token == first
    account._credentials.token = "revoked"
    assert await sender.send(device("token"), PUSH) == SENT
    await sender.close()


async def test_a_service_that_is_away_and_an_account_that_is_unknown_lose_nothing(firebase: Phones, tmp_path: Path):
    described = json.loads(firebase.credentials.read_text())
    stranger = tmp_path / "stranger.json"
    stranger.write_text(json.dumps(described | {"client_email": "somebody@example.com"}))
    unknown = FcmSender(stranger, firebase.url)
    outcome = await unknown.send(device("any"), PUSH)
    assert (outcome.fate, outcome.attention) == (Fate.LATER, True)
    await unknown.close()
    nowhere = FcmSender(firebase.credentials, "http://127.0.0.1:9")
    outcome = await nowhere.send(device("any"), PUSH)
    assert (outcome.fate, outcome.attention) == (Fate.LATER, False)
    await nowhere.close()


@pytest.mark.parametrize("content", [None, "no json", "[]", '{"type": "service_account"}'])
def test_a_worker_does_not_start_with_a_file_that_is_none_of_a_service_account(tmp_path: Path, content: str | None):
    file = tmp_path / "account.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ValueError, match="FCM_CREDENTIALS"):
        must_be_usable(PushService(credentials=file))
    with pytest.raises(ValueError, match="FCM_CREDENTIALS"):
        FcmSender(file, "http://127.0.0.1:9")
    must_be_usable(PushService(credentials=None))
