"""Schemathesis against a running stack, as somebody of each role: ``make fuzz`` goes deep, the tests skim."""

import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx

from devstack.stack import Stack
from tests.api.access_table import fitting
from tests.api.document import Operation, operations
from tests.api.people import unlike

Json = dict[str, Any]

RULES = Path(__file__).with_name("schemathesis.toml")
PLAYERS = {"-": "nobody", "C": "a customer", "M": "a mechanic", "A": "an admin"}
UNGUARDED = {
    "ACCESS_TOKEN_EXPIRE_MINUTES": "1440",  # longer than a run of any length takes
    "REVCARE_LOGIN_FAILURES_PER_PHONE": "1000000",
    "REVCARE_LOGIN_FAILURES_PER_ADDRESS": "1000000",
    "REVCARE_RESETS_PER_ADDRESS": "1000000",
    "REVCARE_RESETS_PER_PERSON": "1000000",
    "REVCARE_QUERIES_PER_ADDRESS": "1000000",
    "REVCARE_EXPORTS_PER_PERSON": "1000000",
}
"""What a stack for this needs: thousands of wrong logins come from one address."""
_PASSWORD = "Secret-123"
_PLACES = {"C": "/customers/", "M": "/mechanics/", "A": "/admins/"}


class Players:
    """Somebody new of each role, at an API with a document of its own."""

    rules: Path
    of_the_account: Mapping[str, Sequence[str]]
    """By role: a link leads there from one's own id, and the account that all the other requests need may end."""

    def __init__(self, address: str, api: httpx.Client) -> None:
        self.address, self.api = address, api

    def token(self, role: str) -> str:
        """The token of somebody new; empty for nobody."""
        raise NotImplementedError

    def run(self, role: str, phases: str, examples: int) -> subprocess.CompletedProcess[str]:
        """All of the document, as somebody of this role; what may end their account as somebody else."""
        token, apart = self.token(role), self.of_the_account.get(role, ())
        ask = partial(asked, self.address, self.rules.read_text(), phases, examples)
        outcome = ask([*authorized(token), *named("--exclude-operation-id", apart)])
        must_still_be_logged_in(self.api, token)
        if not apart:
            return outcome
        return both(outcome, ask([*authorized(self.token(role)), *named("--include-operation-id", apart)]))


class Fuzzing(Players):
    """Somebody new of each role: what the examples in the document name can then be deleted without harm."""

    rules = RULES
    of_the_account = MappingProxyType(
        {"C": ("customers_change", "customers_remove"), "A": ("admins_change", "admins_remove")}
    )

    def __init__(self, info: Json) -> None:
        super().__init__(info["api"], httpx.Client(base_url=f"{info['api']}/api/v1", timeout=30, trust_env=False))
        admin = info["people"]["admin"]
        self._admin = self._token(admin["phone"], admin["password"])

    def token(self, role: str) -> str:
        """The token of somebody new; empty for nobody."""
        if role == "-":
            return ""
        body = {"name": "Fay Fuzz", "dob": "1990-05-17", "pickup_drop": True, "password": _PASSWORD, **unlike()}
        headers = {"Authorization": f"Bearer {self._admin}"}
        self.api.post(_PLACES[role], json=body, headers=headers).raise_for_status()
        return self._token(body["phone"], _PASSWORD)

    def _token(self, phone: str, password: str) -> str:
        answer = self.api.post("/auth/login", data={"username": phone, "password": password})
        return str(answer.raise_for_status().json()["access_token"])

    def run_each_by_its_least(
        self, phases: str, examples: int, mode: str, *words: str
    ) -> subprocess.CompletedProcess[str]:
        """All of the document, each operation as the least of those who come to it; ``words`` may choose some.

        ``mode``: "positive" asks with what the document allows, "negative" with what it forbids.
        """
        theirs = {role: [each for each in operations() if fitting(str(each))[-1] == role] for role in PLAYERS}
        assert sum(map(len, theirs.values())) == len(operations())
        rules = "".join(self._as(role, theirs[role]) for role in PLAYERS if role != "-")
        return asked(self.address, RULES.read_text() + rules, phases, examples, ["--mode", mode, *words])

    def _as(self, role: str, theirs: list[Operation]) -> str:
        ids = [each.spec["operationId"] for each in theirs]
        header = f'{{ Authorization = "Bearer {self.token(role)}" }}'
        return f"\n[[operations]]\ninclude-operation-id = {ids}\nheaders = {header}\n"


def left_out(rules: Path) -> set[str]:
    """The ids of the operations that these rules ask for in no phase."""
    refused = [each for each in tomllib.loads(rules.read_text())["operations"] if each.get("enabled") is False]
    ids = [each["include-operation-id"] for each in refused]
    return {name for each in ids for name in ([each] if isinstance(each, str) else each)}


def must_still_be_logged_in(api: httpx.Client, token: str) -> None:
    """Whoever had lost their login meanwhile would have been refused everything, and nothing would be found."""
    if token:
        me = api.get("/auth/me", headers={"Authorization": f"Bearer {token}"})
        assert me.status_code == 200, me.text


def authorized(token: str) -> list[str]:
    """The words that name a token, if there is one."""
    return ["--header", f"Authorization: Bearer {token}"] if token else []


def named(word: str, operations: Sequence[str]) -> list[str]:
    """An option that may be given again, for each of them."""
    return [part for operation in operations for part in (word, operation)]


def both(
    first: subprocess.CompletedProcess[str], second: subprocess.CompletedProcess[str]
) -> subprocess.CompletedProcess[str]:
    """What two runs say; they have failed if one has."""
    found = first.returncode or second.returncode
    return subprocess.CompletedProcess(first.args, found, first.stdout + second.stdout, first.stderr + second.stderr)


def operations_asked(outcome: subprocess.CompletedProcess[str]) -> int:
    """How many operations were asked."""
    return sum(map(int, re.findall(r"Tested: (\d+)", outcome.stdout)))


def asked(
    address: str, rules: str, phases: str, examples: int, words: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """What Schemathesis says of the API there, by these rules."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "schemathesis.toml")
        file.write_text(rules)
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(file), "run"]
        command += [f"{address}/openapi.json", "--phases", phases]
        command += ["--max-examples", str(examples), "--no-color", "--no-shrink", *words]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def as_everybody(
    run: Callable[[str, str, int], subprocess.CompletedProcess[str]], players: Mapping[str, str], examples: int
) -> int:
    """How many of these roles found something; what is said of each is printed."""
    failed = 0
    for role, player in players.items():
        outcome = run(role, "examples,coverage,fuzzing,stateful", examples)
        print(f"\n=== as {player} ===\n{outcome.stdout}{outcome.stderr}", flush=True)
        failed += outcome.returncode != 0
    return failed


def deep(examples: int = 50) -> int:
    """Everything as everybody, with what follows from one answer to the next question; some minutes."""
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder), env=UNGUARDED, discard=True) as stack:
        return as_everybody(Fuzzing(stack.info).run, PLAYERS, examples)


if __name__ == "__main__":
    sys.exit(deep(*map(int, sys.argv[1:2])))
