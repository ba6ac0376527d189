"""What keeps a process of production from starting: one line that names every mistake, before anything is opened."""

import re

import pytest

import settings as configuration
import startup
import worker
from api.main import run as run_api
from kind_settings import DEFAULT_KIND
from kinds.vehicle_service.settings import PolicySettings
from migrations import command as migrations
from operations import __main__ as operations
from production import Part
from settings import Company, Settings
from tests.test_settings import OWN_NAME, OWN_SECRETS, environment
from worker import judged
from workers.queues import WorkerRole

__all__ = ["environment"]

GOOD = OWN_SECRETS | OWN_NAME | {"MAIL_SERVER": "smtp.sahyadri.example"}
REHEARSAL = {
    "REVCARE_REHEARSAL": "1",
    "RAZORPAY_KEY_ID": "rzp_test_ofthisshop",
    "RAZORPAY_BASE_URL": "http://127.0.0.1:8931",
    "FCM_BASE_URL": "http://127.0.0.1:8932",
    "REVCARE_PUBLIC_URL": "http://127.0.0.1:8000",
}
_SIGNED = {"SECRET_KEY", "REVCARE_PUBLIC_URL"}
_PAID = {"RAZORPAY_KEY_ID", "RAZORPAY_KEY_SECRET"}
NEEDS = {
    Part.API: _SIGNED | _PAID | {"REFRESH_SECRET_KEY", "RAZORPAY_WEBHOOK_SECRET", "REVCARE_SUPPLIER_GSTIN"},
    Part.WORKFLOWS: {"REVCARE_SUPPLIER_NAME", "REVCARE_SUPPLIER_GSTIN", "REVCARE_SUPPLIER_ADDRESS"},
    Part.ACTIVITIES: _SIGNED | _PAID | {"MAIL_SERVER"},
    Part.INVITATIONS: _SIGNED,
    Part.OPERATIONS: set(),
    Part.BOOKS: _PAID,
    Part.MIGRATIONS: set(),
}
WRONG = {
    "SECRET_KEY": ["development-only-access-key-of-32-bytes-at-least", "a" * 31, OWN_SECRETS["REFRESH_SECRET_KEY"]],
    "REFRESH_SECRET_KEY": ["development-only-refresh-key-of-32-bytes-at-least", "short", "ü" * 15],
    "RAZORPAY_KEY_SECRET": ["development-only-razorpay"],
    "RAZORPAY_WEBHOOK_SECRET": ["development-only-webhook"],
    "RAZORPAY_WEBHOOK_SECRET_PREVIOUS": ["the one before"],
    "RAZORPAY_KEY_ID": ["rzp_test_unset", "rzp_test_ofthisshop"],
    "RAZORPAY_BASE_URL": ["http://127.0.0.1:8931", "https://sandbox.example", "http://api.razorpay.com"],
    "FCM_BASE_URL": ["http://127.0.0.1:8932", "https://fcm.example", "http://fcm.googleapis.com"],
    "REVCARE_CORS_ORIGINS": ["*", "https://app.example,*", "https://*.example", "null"],
    "REVCARE_PUBLIC_URL": [
        *("http://127.0.0.1:8000", "http://localhost", "https://[::1]/", "http://127.4.0.1:80", "http://0.0.0.0"),
        *("service.sahyadri.example", "ftp://service.example"),
    ],
    "REVCARE_REHEARSAL": ["1"],
    "REVCARE_PAYMENT_POLL": ["0s"],
    "REVCARE_PATIENCE": ["soon"],
    "REVCARE_PASSWORD_HASHING": ["quick", "none"],
    "REVCARE_SUPPLIER_STATE": ["Atlantis"],
    "MIN_BACKUP_AGE_DAYS": ["0", "-1"],
    "REVCARE_ENVIRONMENT": ["prod"],
    "REVCARE_SHOP_TIMEZONE": ["IST", "Asia", "Mars/Olympus_Mons", "localtime", "../x"],
}
SINGLE = [(name, value) for name, values in WRONG.items() for value in values]
SAID_OF = {
    "RAZORPAY_WEBHOOK_SECRET_PREVIOUS": "RAZORPAY_WEBHOOK_SECRET_PREVIOUS_UNTIL",
    "REVCARE_SUPPLIER_STATE": "REVCARE_SUPPLIER_GSTIN",
}
"""Where the variable that is named is another one than that which was set."""
EVERYTHING_WRONG = {
    name: values[0] for name, values in WRONG.items() if name not in ("REVCARE_REHEARSAL", "REVCARE_ENVIRONMENT")
}


def refusals() -> dict[Part, str]:
    """The line with which each process refuses; empty where it would go on."""
    read, unreadable = startup.read()
    return {part: _refusal(part, read, unreadable) for part in Part}


def _refusal(part: Part, read: Settings, unreadable: list[str]) -> str:
    policies = [PolicySettings] if part is Part.API else []
    try:
        startup.judge(read, part, kinds=[DEFAULT_KIND], supplier=True, unreadable=unreadable, policies=policies)
    except startup.Refused as refused:
        return str(refused)
    return ""


def mentions(line: str, variable: str) -> bool:
    return re.search(rf"\b{variable}\b", line) is not None


@pytest.mark.parametrize("stated", [{}, {"REVCARE_ENVIRONMENT": ""}, {"REVCARE_ENVIRONMENT": "production"}])
def test_what_is_not_said_to_be_development_is_production_and_starts_with_values_of_its_own(environment, stated):
    environment(**GOOD, **stated)
    assert set(refusals().values()) == {""}
    assert startup.read()[0].process.environment == "production"


@pytest.mark.parametrize("empty", [False, True])
@pytest.mark.parametrize("left_out", sorted(GOOD.keys() - {"REVCARE_SUPPLIER_STATE"}))
def test_a_process_asks_for_what_it_reads_and_an_empty_variable_is_none(environment, left_out, empty):
    own = {name: value for name, value in GOOD.items() if name != left_out} | ({left_out: ""} if empty else {})
    if left_out == "REVCARE_SUPPLIER_GSTIN":
        own["REVCARE_SUPPLIER_STATE"] = Company().supplier_state
    environment(**own)
    for part, line in refusals().items():
        assert mentions(line, left_out) is bool(line) is (left_out in NEEDS[part])


@pytest.mark.parametrize(("name", "value"), SINGLE)
def test_a_value_that_must_not_get_to_production_is_refused_by_every_process(environment, name, value):
    environment(**GOOD | {name: value})
    for line in refusals().values():
        assert mentions(line, SAID_OF.get(name, name))
        assert "\n" not in line


def test_all_mistakes_stand_in_one_line_and_no_secret_with_them(environment):
    environment(**EVERYTHING_WRONG)
    for line in refusals().values():
        assert [name for name in EVERYTHING_WRONG if not mentions(line, SAID_OF.get(name, name))] == []
        assert "\n" not in line
        assert not [value for name, value in EVERYTHING_WRONG.items() if "SECRET" in name and value in line]


def test_development_takes_everything_but_what_cannot_be_read(environment):
    environment(REVCARE_ENVIRONMENT="development")
    assert set(refusals().values()) == {""}
    environment(REVCARE_PAYMENT_POLL="0s")
    assert all(mentions(line, "REVCARE_PAYMENT_POLL") for line in refusals().values())


def test_a_rehearsal_may_have_its_own_machine_a_test_key_and_a_sandbox(environment):
    environment(**GOOD | REHEARSAL)
    assert set(refusals().values()) == {""}


@pytest.mark.parametrize(
    ("name", "value"),
    [(n, v) for n, v in SINGLE if n not in REHEARSAL] + [("REVCARE_PUBLIC_URL", "service.sahyadri.example")],
)
def test_a_rehearsal_takes_nothing_else_that_production_refuses(environment, name, value):
    environment(**GOOD | REHEARSAL | {name: value})
    assert all(mentions(line, SAID_OF.get(name, name)) for line in refusals().values())


@pytest.mark.parametrize("left_out", sorted(NEEDS[Part.API] - {"REVCARE_PUBLIC_URL", "REVCARE_SUPPLIER_GSTIN"}))
def test_a_rehearsal_needs_keys_of_its_own(environment, left_out):
    environment(**GOOD | REHEARSAL | {left_out: ""})
    assert mentions(refusals()[Part.API], left_out)


@pytest.mark.parametrize("stated", ["development", "production"])
def test_nothing_is_rehearsed_with_a_live_key(environment, stated):
    environment(**GOOD, REVCARE_ENVIRONMENT=stated, REVCARE_REHEARSAL="1")
    assert all(mentions(line, "REVCARE_REHEARSAL") for line in refusals().values())


def test_a_worker_of_both_roles_asks_for_what_either_reads(environment):
    environment()
    with pytest.raises(startup.Refused) as refused:
        judged(startup.read()[0], WorkerRole.ALL)
    needed = NEEDS[Part.WORKFLOWS] | NEEDS[Part.ACTIVITIES]
    assert [name for name in needed if not mentions(str(refused.value), name)] == []


@pytest.mark.parametrize("part", [Part.API, Part.WORKFLOWS])
def test_production_asks_for_no_supplier_where_every_kind_has_its_own(environment, part):
    environment(**{name: value for name, value in GOOD.items() if "SUPPLIER" not in name})
    startup.judge(startup.read()[0], part, kinds=[DEFAULT_KIND], supplier=False)
    with pytest.raises(startup.Refused, match="REVCARE_SUPPLIER_GSTIN"):
        startup.judge(startup.read()[0], part, kinds=[DEFAULT_KIND], supplier=True)


def test_a_price_that_cannot_be_read_stands_beside_the_other_mistakes_of_an_api(environment):
    environment(**GOOD | {"REVCARE_INSPECTION_FEE": "-1", "SECRET_KEY": ""})
    line = refusals()[Part.API]
    assert mentions(line, "REVCARE_INSPECTION_FEE")
    assert mentions(line, "SECRET_KEY")


def test_a_link_for_an_admin_in_production_is_signed_by_a_key_of_its_own(environment, capsys):
    environment()
    configuration.load.cache_clear()
    words = ["add-admin", "vehicle-service", "--name", "Asha", "--phone", "9000020219", "--email", "asha@example.com"]
    assert operations.run(words) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert mentions(said, "SECRET_KEY")
    assert mentions(said, "REVCARE_PUBLIC_URL")


def test_migrations_refuse_a_mistake_that_they_find(environment, monkeypatch, capsys):
    environment(SECRET_KEY="short")
    monkeypatch.setattr("sys.argv", ["migrations.command"])
    with pytest.raises(SystemExit) as ended:
        migrations.main()
    assert ended.value.code == 1
    assert capsys.readouterr().err == (
        "migrations cannot start in production: SECRET_KEY has 5 bytes, a key needs 32\n"
    )


@pytest.mark.parametrize("role", WorkerRole)
def test_a_worker_that_is_refused_ends_with_one_line(environment, role, capsys):
    environment(**EVERYTHING_WRONG)
    with pytest.raises(SystemExit) as ended:
        worker.main([role])
    said = capsys.readouterr()
    assert ended.value.code == 1
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert [name for name in EVERYTHING_WRONG if not mentions(said.err, SAID_OF.get(name, name))] == []


def test_an_api_that_is_refused_ends_with_one_line(environment, capsys):
    environment(**EVERYTHING_WRONG)
    with pytest.raises(SystemExit) as ended:
        run_api([])
    said = capsys.readouterr()
    assert ended.value.code == 1
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert [name for name in EVERYTHING_WRONG if not mentions(said.err, SAID_OF.get(name, name))] == []


def test_a_kind_that_is_not_installed_is_refused_with_its_name(environment, capsys):
    environment(**GOOD, REVCARE_KINDS="kinds.nowhere")
    with pytest.raises(SystemExit):
        worker.main(["workflows"])
    assert capsys.readouterr().err == "there is no package kinds.nowhere (REVCARE_KINDS)\n"
