"""What a process knows by heart, and when it must not go by it."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.door import changes_the_door
from adapters.known_tokens import Known, KnownTokens
from adapters.postgres.access import PersonRow
from domain.people import Role

NOW = datetime(2026, 11, 21, tzinfo=UTC)
A, B = b"a" * 32, b"b" * 32


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(clock: Clock) -> KnownTokens:
    """Vouched for until 102."""
    tokens = KnownTokens(size=3, clock=clock)
    tokens.vouch(102.0)
    return tokens


def known(person: str = "CST000001", jti: str = "j", expires_at: datetime = NOW + timedelta(minutes=30)) -> Known:
    row = PersonRow(person, "Asha Rao", "Asha", "Rao", None, None, Role.CUSTOMER, False, frozenset())
    return Known(row, jti, expires_at)


def keep(tokens: KnownTokens, fingerprint: bytes, what: Known) -> None:
    tokens.keep(fingerprint, what, tokens.generation)


def test_what_was_kept_is_found(tokens):
    keep(tokens, A, known())
    assert tokens.find(A, NOW) == known()
    assert tokens.find(B, NOW) is None


def test_a_token_is_forgotten_at_its_end_and_not_a_moment_before(tokens):
    end = NOW + timedelta(minutes=30)
    keep(tokens, A, known(expires_at=end))
    assert tokens.find(A, end - timedelta(microseconds=1)) is not None
    assert tokens.find(A, end) is None
    assert len(tokens) == 0


def test_nothing_is_known_before_anybody_vouches(clock):
    tokens = KnownTokens(clock=clock)
    keep(tokens, A, known())
    assert len(tokens) == 0


def test_nothing_is_known_when_nobody_vouches_any_more(tokens, clock):
    keep(tokens, A, known())
    clock.now = 101.9
    assert tokens.find(A, NOW) is not None
    clock.now = 102.0
    assert tokens.find(A, NOW) is None
    keep(tokens, B, known())
    assert tokens.find(B, NOW) is None


def test_a_late_sign_of_life_brings_back_what_was_known_for_nothing_went_unheard(tokens, clock):
    keep(tokens, A, known())
    clock.now = 103.0
    tokens.vouch(105.0)
    assert tokens.find(A, NOW) is not None


def test_after_distrust_nothing_is_known_whoever_vouches_then(tokens):
    keep(tokens, A, known())
    tokens.distrust()
    assert tokens.find(A, NOW) is None
    tokens.vouch(102.0)
    assert tokens.find(A, NOW) is None


@pytest.mark.parametrize("news", [("token", "other"), ("person", "CST000009"), ("everybody", ""), ("whatever", "")])
def test_what_was_read_before_a_change_is_not_kept_after_it(tokens, news):
    before = tokens.generation
    tokens.forget(*news)
    tokens.keep(A, known(), before)
    assert tokens.find(A, NOW) is None


def test_what_was_read_before_anybody_vouched_is_not_kept(tokens):
    tokens.distrust()
    before = tokens.generation
    tokens.vouch(102.0)
    tokens.keep(A, known(), before)
    assert tokens.find(A, NOW) is None


@pytest.mark.parametrize(
    ("news", "left"),
    [
        (("token", "j1"), {B}),
        (("token", "j9"), {A, B}),
        (("person", "CST000001"), {B}),
        (("person", "CST000009"), {A, B}),
        (("everybody", ""), set()),
        (("something new", "x"), set()),
    ],
)
def test_a_change_forgets_whom_it_concerns(tokens, news, left):
    keep(tokens, A, known("CST000001", "j1"))
    keep(tokens, B, known("CST000002", "j2"))
    tokens.forget(*news)
    assert {each for each in (A, B) if tokens.find(each, NOW)} == left


def test_all_tokens_of_a_person_are_forgotten(tokens):
    keep(tokens, A, known(jti="j1"))
    keep(tokens, B, known(jti="j2"))
    tokens.forget("person", "CST000001")
    assert len(tokens) == 0


def test_of_too_many_those_that_were_not_asked_for_go_first(tokens):
    names = [bytes([number]) * 32 for number in range(4)]
    for name in names[:3]:
        keep(tokens, name, known())
    tokens.find(names[0], NOW)
    keep(tokens, names[3], known())
    assert [tokens.find(name, NOW) is not None for name in names] == [True, False, True, True]


@pytest.mark.parametrize(
    ("statement", "changes"),
    [
        ("UPDATE users SET deleted_at = now() WHERE id = :id", True),
        ("update  users\n set role_id = 1", True),
        ("DELETE FROM users WHERE id = :id", True),
        ("WITH ended AS (DELETE FROM refresh_tokens) INSERT INTO revoked_tokens (jti) SELECT 1 FROM ended", True),
        ("INSERT INTO role_permissions (role_id) VALUES (1)", True),
        ("DELETE FROM role_permissions WHERE role_id = 1", True),
        ("INSERT INTO users (id) VALUES (:id)", False),
        ("INSERT INTO refresh_tokens (jti) VALUES (:jti)", False),
        ("SELECT 1 FROM users AS u FOR NO KEY UPDATE OF u", False),
        ("DELETE FROM revoked_tokens WHERE expires_at < now()", False),
        ("UPDATE users_of_something SET x = 1", False),
    ],
)
def test_a_statement_that_changes_the_door_is_recognised(statement, changes):
    assert changes_the_door(statement) is changes
