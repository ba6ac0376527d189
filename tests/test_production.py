"""Every process says what production has to set before it opens anything, and asks for nothing of another process."""

import pytest

import settings
from api.main import served
from operations import __main__ as operations
from settings import Settings
from tests.test_settings import OWN_NAME, OWN_SECRETS, environment
from worker import run
from workers.queues import WorkerRole

__all__ = ["environment"]

OF_THE_SUPPLIER = {name: value for name, value in OWN_NAME.items() if "SUPPLIER" in name}
OF_NOBODY_ELSE = {
    WorkerRole.WORKFLOWS: OF_THE_SUPPLIER,
    WorkerRole.ACTIVITIES: {name: value for name, value in (OWN_SECRETS | OWN_NAME).items() if "SUPPLIER" not in name},
}
NOWHERE = "127.0.0.1:1"


@pytest.mark.parametrize(
    ("role", "refused"),
    [
        (WorkerRole.WORKFLOWS, "its own REVCARE_SUPPLIER_ADDRESS, REVCARE_SUPPLIER_GSTIN, REVCARE_SUPPLIER_NAME$"),
        (WorkerRole.ACTIVITIES, "its own RAZORPAY_KEY_ID, RAZORPAY_KEY_SECRET, SECRET_KEY, REVCARE_PUBLIC_URL$"),
        (WorkerRole.ALL, "production needs its own REVCARE_SUPPLIER_ADDRESS"),
    ],
)
async def test_a_worker_in_production_says_what_its_role_needs(environment, role, refused):
    environment(REVCARE_ENVIRONMENT="production", TEMPORAL_ADDRESS=NOWHERE)
    with pytest.raises(ValueError, match=refused):
        await run(Settings(), role)


@pytest.mark.parametrize("role", OF_NOBODY_ELSE)
async def test_a_worker_in_production_goes_on_without_what_the_other_role_needs(environment, role):
    environment(REVCARE_ENVIRONMENT="production", TEMPORAL_ADDRESS=NOWHERE, **OF_NOBODY_ELSE[role])
    with pytest.raises(RuntimeError, match="connect"):
        await run(Settings(), role)


def test_an_api_in_production_says_what_it_needs(environment):
    environment(REVCARE_ENVIRONMENT="production")
    needed = "RAZORPAY_KEY_ID, RAZORPAY_KEY_SECRET, RAZORPAY_WEBHOOK_SECRET, REFRESH_SECRET_KEY, "
    with pytest.raises(ValueError, match=f"{needed}REVCARE_SUPPLIER_GSTIN, SECRET_KEY, REVCARE_PUBLIC_URL$"):
        served(Settings())
    environment(**OWN_SECRETS, **{name: value for name, value in OWN_NAME.items() if name.endswith(("ID", "URL"))})
    environment(REVCARE_SUPPLIER_GSTIN="29AAGCB7383J1Z4", REVCARE_SUPPLIER_STATE="Karnataka")
    assert served(Settings())[1].process.environment == "production"


def test_a_link_for_an_admin_in_production_is_signed_by_a_key_of_its_own(environment, capsys):
    environment(REVCARE_ENVIRONMENT="production")
    settings.load.cache_clear()
    words = ["add-admin", "vehicle-service", "--name", "Asha", "--phone", "9000020219", "--email", "asha@example.com"]
    assert operations.run(words) == 2
    assert capsys.readouterr().err == "production needs its own SECRET_KEY, REVCARE_PUBLIC_URL\n"
    settings.load.cache_clear()
