"""What a process knows by heart, and when it must not go by it."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.auth.authenticator import changes_auth
from adapters.auth.token_cache import CachedToken, TokenCache
from adapters.postgres.people.sessions import PersonRow
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
def tokens(clock: Clock) -> TokenCache:
    """With a lease until 102."""
    tokens = TokenCache(size=3, clock=clock)
    tokens.renew_lease(102.0)
    return tokens


def known(person: str = "CST000001", jti: str = "j", expires_at: datetime = NOW + timedelta(minutes=30)) -> CachedToken:
    row = PersonRow(person, "Asha Rao", "Asha", "Rao", None, None, Role.CUSTOMER, False, frozenset())
    return CachedToken(row, jti, expires_at)


def put(tokens: TokenCache, fingerprint: bytes, what: CachedToken) -> None:
    tokens.put(fingerprint, what, tokens.generation)


def test_a_stored_token_is_found(tokens):
    put(tokens, A, known())
    assert tokens.get(A, NOW) == known()
    assert tokens.get(B, NOW) is None


def test_a_token_is_dropped_when_it_expires_and_not_a_moment_before(tokens):
    end = NOW + timedelta(minutes=30)
    put(tokens, A, known(expires_at=end))
    assert tokens.get(A, end - timedelta(microseconds=1)) is not None
    assert tokens.get(A, end) is None
    assert len(tokens) == 0


def test_nothing_is_cached_before_the_first_lease(clock):
    tokens = TokenCache(clock=clock)
    put(tokens, A, known())
    assert len(tokens) == 0


def test_nothing_is_answered_once_the_lease_has_run_out(tokens, clock):
    put(tokens, A, known())
    clock.now = 101.9
    assert tokens.get(A, NOW) is not None
    clock.now = 102.0
    assert tokens.get(A, NOW) is None
    put(tokens, B, known())
    assert tokens.get(B, NOW) is None


def test_a_late_heartbeat_brings_the_entries_back_as_no_change_was_missed(tokens, clock):
    put(tokens, A, known())
    clock.now = 103.0
    tokens.renew_lease(105.0)
    assert tokens.get(A, NOW) is not None


def test_a_suspended_cache_is_empty_even_under_a_new_lease(tokens):
    put(tokens, A, known())
    tokens.suspend()
    assert tokens.get(A, NOW) is None
    tokens.renew_lease(102.0)
    assert tokens.get(A, NOW) is None


@pytest.mark.parametrize("change", [("token", "other"), ("person", "CST000009"), ("everybody", ""), ("whatever", "")])
def test_what_was_read_before_an_invalidation_is_not_stored_after_it(tokens, change):
    before = tokens.generation
    tokens.invalidate(*change)
    tokens.put(A, known(), before)
    assert tokens.get(A, NOW) is None


def test_what_was_read_before_the_lease_is_not_stored(tokens):
    tokens.suspend()
    before = tokens.generation
    tokens.renew_lease(102.0)
    tokens.put(A, known(), before)
    assert tokens.get(A, NOW) is None


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (("token", "j1"), {B}),
        (("token", "j9"), {A, B}),
        (("person", "CST000001"), {B}),
        (("person", "CST000009"), {A, B}),
        (("everybody", ""), set()),
        (("something new", "x"), set()),
    ],
)
def test_an_invalidation_drops_those_whom_it_concerns(tokens, change, left):
    put(tokens, A, known("CST000001", "j1"))
    put(tokens, B, known("CST000002", "j2"))
    tokens.invalidate(*change)
    assert {each for each in (A, B) if tokens.get(each, NOW)} == left


def test_all_tokens_of_a_person_are_dropped(tokens):
    put(tokens, A, known(jti="j1"))
    put(tokens, B, known(jti="j2"))
    tokens.invalidate("person", "CST000001")
    assert len(tokens) == 0


def test_of_too_many_the_least_recently_used_go_first(tokens):
    names = [bytes([number]) * 32 for number in range(4)]
    for name in names[:3]:
        put(tokens, name, known())
    tokens.get(names[0], NOW)
    put(tokens, names[3], known())
    assert [tokens.get(name, NOW) is not None for name in names] == [True, False, True, True]


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
def test_a_statement_that_changes_who_may_do_what_is_recognised(statement, changes):
    assert changes_auth(statement) is changes
