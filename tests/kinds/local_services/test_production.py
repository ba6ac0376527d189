"""What keeps local services from starting in production: one line, with every variable that is wrong."""

import json
from collections.abc import Sequence

import pytest

import startup
import worker
from api.main import run as run_api
from api.main import served
from settings import Settings
from tests.kinds.local_services.people.test_settings import GOOGLE
from tests.test_production import GOOD as OF_THE_SHOP
from tests.test_production import mentions
from tests.test_settings import environment
from workers.queues import WorkerRole

__all__ = ["environment"]

OWN = "REVCARE_LOCAL_SERVICES_"
GOOD = OF_THE_SHOP | {
    "REVCARE_KIND": "local-services",
    "REVCARE_KINDS": "kinds.vehicle_service,kinds.local_services",
    f"{OWN}PUBLIC_URL": "https://near.sahyadri.example",
    f"{OWN}SMS_URL": "https://sms.sahyadri.example/send",
    f"{OWN}SMS_TOKEN": "from the gateway",
    f"{OWN}OIDC": json.dumps([GOOGLE]),
}
API, WORKFLOWS, ACTIVITIES = "API", WorkerRole.WORKFLOWS, WorkerRole.ACTIVITIES
Read = tuple[Settings, list[str]]
EVERY = (API, WORKFLOWS, ACTIVITIES)
NEEDED = {
    "SECRET_KEY": (API, ACTIVITIES),
    "REFRESH_SECRET_KEY": (API,),
    "RAZORPAY_KEY_ID": (API, ACTIVITIES),
    "RAZORPAY_KEY_SECRET": (API, ACTIVITIES),
    "RAZORPAY_WEBHOOK_SECRET": (API,),
    "MAIL_SERVER": (ACTIVITIES,),
    f"{OWN}PUBLIC_URL": (API, ACTIVITIES),
    f"{OWN}SMS_URL": (API, ACTIVITIES),
}
"""Which processes say that a variable is missing."""
WRONG = {
    f"{OWN}PUBLIC_URL": {
        (API, WORKFLOWS, ACTIVITIES): [
            *("near.sahyadri.example", "ftp://near.example", "https://", "http://near.sahyadri.example"),
        ],
        (API, ACTIVITIES): ["http://127.0.0.1:8001", "https://localhost"],
    },
    f"{OWN}SMS_URL": {
        (API, ACTIVITIES): [
            *("sms.sahyadri.example", "ftp://sms.example", "https://", "https://[", "http://sms.sahyadri.example/send"),
            "http://93.184.215.14/send",
        ]
    },
    f"{OWN}OIDC": {
        (API, ACTIVITIES): [
            *("google", "[{}]", json.dumps([GOOGLE | {"client_ids": []}])),
            *(json.dumps([GOOGLE | {"jwks_url": url}]) for url in ("http://keys.example", "keys.example", "https://")),
        ]
    },
    f"{OWN}PHONE_VERIFICATION": {(API, ACTIVITIES): ["yes"]},
    f"{OWN}CANCEL_TIERS": {(API, ACTIVITIES): ["24h", "2h:25,24h:0,0h:50", "24h:0,0h:101"]},
    f"{OWN}COMMISSION": {(API, ACTIVITIES): ["101", "fifteen"]},
    f"{OWN}TIME_STEP": {(API, ACTIVITIES): ["7m", "soon"]},
    "FCM_CREDENTIALS": {(ACTIVITIES,): ["/nowhere/firebase.json"]},
    "FCM_BASE_URL": {(API, WORKFLOWS, ACTIVITIES): ["http://127.0.0.1:8932"]},
    "RAZORPAY_BASE_URL": {(API, WORKFLOWS, ACTIVITIES): ["http://api.razorpay.com"]},
    "RAZORPAY_KEY_ID": {(API, WORKFLOWS, ACTIVITIES): ["rzp_test_ofthisshop"]},
}
SINGLE = [(name, value, who) for name, each in WRONG.items() for who, values in each.items() for value in values]


def said(process: str, read: Read | None = None) -> str:
    """Why a process refuses to start with what it reads; empty where it would go on."""
    settings, unreadable = read or startup.read()
    try:
        if process == API:
            served(settings, unreadable)
        else:
            worker.judged(settings, WorkerRole(process), unreadable)
    except startup.Refused as refused:
        return str(refused)
    return ""


def who_refuses(variable: str) -> Sequence[str]:
    """The processes that do not start, each of which names this variable."""
    read = startup.read()
    lines = {process: line for process in EVERY if (line := said(process, read))}
    assert [line for line in lines.values() if not mentions(line, variable)] == []
    return tuple(lines)


def test_local_services_start_in_production_with_values_of_their_own(environment):
    environment(**GOOD)
    assert [said(process) for process in EVERY] == ["", "", ""]


@pytest.mark.parametrize("process", EVERY)
def test_a_process_that_does_not_start_says_why_and_nothing_else(environment, capsys, process):
    environment(**GOOD | {f"{OWN}PUBLIC_URL": "near.sahyadri.example"})
    with pytest.raises(SystemExit) as ended:
        run_api([]) if process == API else worker.main([process])
    told = capsys.readouterr()
    assert (ended.value.code, told.out, told.err) == (1, "", f"{' '.join(said(process).split())}\n")


@pytest.mark.parametrize(("left_out", "who"), NEEDED.items())
def test_a_process_asks_for_what_it_reads(environment, left_out, who):
    environment(**GOOD | {left_out: ""})
    assert who_refuses(left_out) == who


@pytest.mark.parametrize(("name", "value", "who"), SINGLE)
def test_a_single_mistake_is_refused_by_whoever_reads_it(environment, name, value, who):
    environment(**GOOD | {name: value})
    assert who_refuses(name) == who


def test_all_mistakes_stand_in_one_line_and_no_secret_with_them(environment):
    mistakes = {name: next(iter(each.values()))[0] for name, each in WRONG.items()}
    environment(**GOOD | mistakes | {"SECRET_KEY": "", "RAZORPAY_KEY_SECRET": "", "MAIL_SERVER": ""})
    line = said(ACTIVITIES)
    missing = {"SECRET_KEY", "RAZORPAY_KEY_SECRET", "MAIL_SERVER"}
    assert [name for name in {*mistakes, *missing} if not mentions(line, name)] == []
    assert GOOD[f"{OWN}SMS_TOKEN"] not in line


@pytest.mark.parametrize(
    "url", ["http://sms:8080/send", "http://127.0.0.1:8080/send", "http://10.0.0.7/send", "http://[fd00::7]/send"]
)
def test_a_gateway_in_the_network_of_the_shop_need_not_speak_tls(environment, url):
    environment(**GOOD | {f"{OWN}SMS_URL": url})
    assert [said(process) for process in EVERY] == ["", "", ""]


def test_an_api_of_the_first_kind_does_not_judge_what_only_the_second_one_reads(environment):
    environment(**GOOD | {"REVCARE_KIND": "vehicle-service", f"{OWN}SMS_URL": "", f"{OWN}PUBLIC_URL": "nowhere"})
    assert said(API) == ""
