"""What each kind of booking may have of its own, and what is refused before a process starts."""

from collections.abc import Iterable

import pytest
from pydantic_settings import SettingsConfigDict

from kind_settings import DEFAULT_KIND, settings_by_kind
from production import Part
from setting_types import Group
from settings import Settings
from startup import Refused, judge
from tests.test_production import GOOD
from tests.test_settings import environment

__all__ = ["environment"]

TABLES = "table_reservation"
OWN_ADDRESS = {"REVCARE_TABLE_RESERVATION_PUBLIC_URL": "https://tables.sahyadri.example"}


def test_the_default_kind_has_the_settings_of_the_product_and_another_one_its_own_documents(environment):
    environment(REVCARE_PUBLIC_URL="https://service.example", MONGODB_DB="shop", MAIL_FROM_NAME="The Shop")
    found = settings_by_kind([DEFAULT_KIND, TABLES], Settings())
    assert found[DEFAULT_KIND] == Settings()
    tables = found[TABLES]
    assert (tables.web.public_url, tables.mail.from_name) == ("https://service.example", "The Shop")
    assert tables.stores.mongodb_db == "shop_table_reservation"


def test_a_kind_may_have_an_address_a_name_and_a_database_of_its_own(environment):
    prefix = "REVCARE_TABLE_RESERVATION_"
    environment(**{f"{prefix}PUBLIC_URL": "https://t.example", f"{prefix}FROM_NAME": "Two Houses"})
    environment(**{f"{prefix}MONGODB_DB": "houses"})
    found = settings_by_kind([DEFAULT_KIND, TABLES], Settings())
    tables = found[TABLES]
    assert (tables.web.public_url, tables.mail.from_name) == ("https://t.example", "Two Houses")
    assert tables.stores.mongodb_db == "houses"
    assert found[DEFAULT_KIND] == Settings()


def test_two_kinds_with_one_database_of_documents_are_refused(environment):
    environment(MONGODB_DB="shop", REVCARE_TABLE_RESERVATION_MONGODB_DB="shop")
    with pytest.raises(ValueError, match="one MongoDB database, shop"):
        settings_by_kind([DEFAULT_KIND, TABLES], Settings())


@pytest.mark.parametrize("part", [Part.API, Part.ACTIVITIES, Part.INVITATIONS])
@pytest.mark.parametrize("address", [None, "http://localhost:8001"])
def test_production_refuses_a_kind_whose_mails_would_lead_elsewhere(environment, part, address):
    environment(**GOOD)
    if address:
        environment(REVCARE_TABLE_RESERVATION_PUBLIC_URL=address)
    with pytest.raises(Refused, match="production: REVCARE_TABLE_RESERVATION_PUBLIC_URL is not set"):
        judge(Settings(), part, kinds=[DEFAULT_KIND, TABLES], supplier=True)
    environment(**OWN_ADDRESS)
    judge(Settings(), part, kinds=[DEFAULT_KIND, TABLES], supplier=True)
    found = settings_by_kind([DEFAULT_KIND, TABLES], Settings())
    assert found[TABLES].web.public_url == OWN_ADDRESS["REVCARE_TABLE_RESERVATION_PUBLIC_URL"]


def test_the_api_of_a_kind_asks_for_no_address_of_another_one(environment):
    environment(**GOOD)
    judge(Settings(), Part.API, kinds=[DEFAULT_KIND], supplier=True)
    environment(REVCARE_PUBLIC_URL="", **OWN_ADDRESS)
    judge(Settings(), Part.API, kinds=[TABLES], supplier=True)


def test_a_rehearsal_has_pages_of_another_kind_on_its_own_machine_at_an_address_of_their_own(environment):
    environment(**GOOD | {"REVCARE_REHEARSAL": "1", "RAZORPAY_KEY_ID": "rzp_test_ofthisshop"})
    with pytest.raises(Refused, match="REVCARE_TABLE_RESERVATION_PUBLIC_URL is not set"):
        judge(Settings(), Part.API, kinds=[TABLES])
    environment(REVCARE_TABLE_RESERVATION_PUBLIC_URL="http://localhost:8001")
    judge(Settings(), Part.API, kinds=[TABLES])


class HouseSettings(Group):
    """Settings of a kind, of which production has to name the gateway."""

    model_config = SettingsConfigDict(env_prefix="REVCARE_TABLE_RESERVATION_")
    gateway: str | None = None

    def lacking(self) -> Iterable[str]:
        """The gateway."""
        if not self.gateway:
            yield "REVCARE_TABLE_RESERVATION_GATEWAY is not set: nobody would be told"


def test_a_kind_says_what_production_has_to_set_of_its_own_and_development_need_not(environment):
    environment(**GOOD)
    with pytest.raises(Refused, match="API cannot start in production: REVCARE_TABLE_RESERVATION_GATEWAY is not set"):
        judge(Settings(), Part.API, kinds=[DEFAULT_KIND], policies=[HouseSettings])
    environment(REVCARE_TABLE_RESERVATION_GATEWAY="https://sms.example")
    judge(Settings(), Part.API, kinds=[DEFAULT_KIND], policies=[HouseSettings])
    environment(REVCARE_TABLE_RESERVATION_GATEWAY="", REVCARE_ENVIRONMENT="development")
    judge(Settings(), Part.API, kinds=[DEFAULT_KIND], policies=[HouseSettings])
