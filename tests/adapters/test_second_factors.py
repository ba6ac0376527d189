"""Codes of second factors: which are good when, and what is kept of them."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from pydantic import SecretStr

from adapters.auth.second_factors import SecondFactorCodes, fingerprint, recovery_codes
from settings import Secrets

CODES = SecondFactorCodes(Secrets())
KIND, ADMIN = "vehicle_service", "ADM000007"
NOW = datetime(2026, 11, 24, 6, 11, 9, tzinfo=UTC)


@pytest.fixture
def app() -> pyotp.TOTP:
    return pyotp.TOTP(CODES.new_secret())


def step_of(app: pyotp.TOTP, code: str, now: datetime = NOW) -> int | None:
    return CODES.step_of(KIND, ADMIN, CODES.seal(KIND, ADMIN, app.secret), code, now)


def test_a_code_is_good_half_a_minute_around_its_own_and_no_longer(app: pyotp.TOTP):
    code, step = app.at(NOW), app.timecode(NOW)
    for seconds in (-30, 0, 30):
        assert step_of(app, code, NOW + timedelta(seconds=seconds)) == step
    for seconds in (-60, 60, 3600):
        assert step_of(app, code, NOW + timedelta(seconds=seconds)) is None


def test_a_code_is_read_as_people_type_it_and_nothing_else_is_one(app: pyotp.TOTP):
    code = app.at(NOW)
    for typed in (f"{code[:3]} {code[3:]}", f" {code[:3]}-{code[3:]} "):
        assert step_of(app, typed) == app.timecode(NOW)
    for typed in ("", code[:5], code + "0", "１２３４５６", "abcdef", pyotp.TOTP(pyotp.random_base32()).at(NOW)):
        assert step_of(app, typed) is None


def test_what_is_kept_of_a_secret_opens_for_its_person_and_its_key_alone(app: pyotp.TOTP):
    sealed = CODES.seal(KIND, ADMIN, app.secret)
    assert app.secret not in sealed
    assert sealed != CODES.seal(KIND, ADMIN, app.secret)
    other = SecondFactorCodes(Secrets(secret_key=SecretStr("a-key-of-another-shop-of-32-bytes-or-more")))
    assert CODES.step_of(KIND, ADMIN, sealed, app.at(NOW), NOW) is not None
    assert CODES.step_of(KIND, "ADM000008", sealed, app.at(NOW), NOW) is None
    assert CODES.step_of("table_reservation", ADMIN, sealed, app.at(NOW), NOW) is None
    assert other.step_of(KIND, ADMIN, sealed, app.at(NOW), NOW) is None


def test_recovery_codes_are_known_however_they_are_typed_and_are_not_codes_of_the_app(app: pyotp.TOTP):
    codes = recovery_codes()
    assert len({fingerprint(code) for code in codes}) == 10
    for code in codes:
        assert fingerprint(code) == fingerprint(code.lower().replace("-", " "))
        assert code.replace("-", "") not in str(fingerprint(code)).upper()
        assert step_of(app, code) is None
    assert fingerprint(app.at(NOW)) is None
    assert fingerprint("") is None
