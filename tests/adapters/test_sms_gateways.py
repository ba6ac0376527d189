"""Gateways for text messages: the adapter by HTTP, over the phones of the stack."""

from collections.abc import AsyncIterator

import pytest

from adapters.sms import HttpSmsSender, NotTaken
from tests.fakes.phones import SMS_TOKEN, Phones, phones

ASHA = "+919876543210"


@pytest.fixture(scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Phones]:
    async with phones(tmp_path_factory.mktemp("phones")) as running:
        yield running


async def test_a_message_arrives_once_however_often_its_key_is_sent(gateway: Phones):
    sender = HttpSmsSender(f"{gateway.url}/sms", SMS_TOKEN)
    for _ in range(2):
        await sender.send(ASHA, "Your code is 123456.", "sms.local_services.7")
    await sender.close()
    assert [(each["to"], each["text"]) for each in gateway.store.messages(ASHA)] == [(ASHA, "Your code is 123456.")]


async def test_a_gateway_that_refuses_or_is_away_has_not_taken_it_and_no_error_repeats_the_text(gateway: Phones):
    for sender in (HttpSmsSender(f"{gateway.url}/sms", "another"), HttpSmsSender("http://127.0.0.1:9/sms")):
        with pytest.raises(NotTaken) as refused:
            await sender.send("+919876500000", "Your code is 654321.", "sms.local_services.8")
        await sender.close()
        assert "654321" not in str(refused.value)
    assert gateway.store.messages("+919876500000") == []
