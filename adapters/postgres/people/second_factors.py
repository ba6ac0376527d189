"""Second factors of admins: set up, used, taken off, and when a session last showed one.

Whatever changes whether somebody has one locks the person's row first and writes to it: caches of tokens hear of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.auth.second_factors import SecondFactorCodes, fingerprint
from adapters.personal_data import Held
from adapters.postgres.people.sessions import end_every_session, end_other_sessions

_FIND = text(
    """
    SELECT secret, confirmed_at, cardinality(recovery_codes) AS codes_left FROM second_factors WHERE user_id = :person
    """
)
_BEGIN = text(
    """
    INSERT INTO second_factors AS known (user_id, secret) VALUES (:person, :secret)
    ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, created_at = now() WHERE known.confirmed_at IS NULL
    RETURNING user_id
    """
)
_CONFIRM = text(
    """
    UPDATE second_factors SET confirmed_at = now(), last_step = :step, recovery_codes = CAST(:codes AS text[])
    WHERE user_id = :person AND secret = :secret AND confirmed_at IS NULL
    RETURNING user_id
    """
)
_USE_STEP = text(
    """
    UPDATE second_factors SET last_step = :step
    WHERE user_id = :person AND confirmed_at IS NOT NULL AND last_step < :step
    RETURNING user_id
    """
)
_USE_RECOVERY_CODE = text(
    """
    UPDATE second_factors SET recovery_codes = array_remove(recovery_codes, CAST(:code AS text))
    WHERE user_id = :person AND confirmed_at IS NOT NULL AND CAST(:code AS text) = ANY(recovery_codes)
    RETURNING cardinality(recovery_codes) AS codes_left
    """
)
_RENEW_CODES = text(
    """
    UPDATE second_factors SET recovery_codes = CAST(:codes AS text[])
    WHERE user_id = :person AND confirmed_at IS NOT NULL
    RETURNING user_id
    """
)
_REMOVE = text("DELETE FROM second_factors WHERE user_id = :person RETURNING user_id")
_TOUCH = text("UPDATE users SET updated_at = clock_timestamp() WHERE id = :person")
_OF_SESSION = "id = (SELECT family FROM refresh_tokens WHERE access_jti = :jti LIMIT 1)"
_VERIFY = text(f"UPDATE sessions SET verified_at = now() WHERE {_OF_SESSION}")  # noqa: S608 - a constant of ours
_IS_FRESH = text(
    f"SELECT EXISTS (SELECT FROM sessions WHERE {_OF_SESSION} AND verified_at > now() - CAST(:age AS interval))"  # noqa: S608
)

SECOND_FACTORS = Held(
    personal="user_id secret recovery_codes",
    what="that an admin has a second factor: its secret, encrypted, and hashes of the recovery codes",
    leaving="goes",
    erase="DELETE FROM second_factors WHERE user_id = ANY(:people)",
    left_out="it would let somebody in",
)


@dataclass(frozen=True, slots=True)
class KnownFactor:
    """A second factor as it is kept; not confirmed, it does not count yet."""

    sealed: str
    confirmed_at: datetime | None
    codes_left: int


@dataclass(frozen=True, slots=True)
class UsedCode:
    """A code that was right; of a recovery code, how many are left."""

    codes_left: int | None = None


async def factor_of(connection: AsyncConnection, person_id: str) -> KnownFactor | None:
    """Somebody's, if they have begun to set one up."""
    row = (await connection.execute(_FIND, {"person": person_id})).first()
    return KnownFactor(row.secret, row.confirmed_at, row.codes_left) if row else None


async def begin(connection: AsyncConnection, person_id: str, sealed: str) -> bool:
    """Keep a new secret in place of one that was not confirmed. False: one that counts is there."""
    return (await connection.execute(_BEGIN, {"person": person_id, "secret": sealed})).first() is not None


async def confirm(
    connection: AsyncConnection, person_id: str, sealed: str, step: int, codes: Sequence[str], jti: str
) -> bool:
    """From now on it counts. Sessions other than that of the access token end: they have shown no code.

    False: it was confirmed or replaced meanwhile.
    """
    await connection.execute(_TOUCH, {"person": person_id})
    kept = [fingerprint(code) for code in codes]
    given = {"person": person_id, "secret": sealed, "step": step, "codes": kept}
    if (await connection.execute(_CONFIRM, given)).first() is None:
        return False
    await end_other_sessions(connection, person_id, jti)
    await connection.execute(_VERIFY, {"jti": jti})
    return True


async def use_code(
    connection: AsyncConnection, codes: SecondFactorCodes, kind: str, person_id: str, code: str, now: datetime
) -> UsedCode | None:
    """A code of their app that was not used yet, or a recovery code; it is used up by that. None: it is neither."""
    known = await factor_of(connection, person_id)
    if known is None or known.confirmed_at is None:
        return None
    step = codes.step_of(kind, person_id, known.sealed, code, now)
    if step is not None:
        used = (await connection.execute(_USE_STEP, {"person": person_id, "step": step})).first()
        return UsedCode() if used else None
    recovery = fingerprint(code)
    if recovery is None:
        return None
    row = (await connection.execute(_USE_RECOVERY_CODE, {"person": person_id, "code": recovery})).first()
    return UsedCode(row.codes_left) if row else None


async def renew_codes(connection: AsyncConnection, person_id: str, codes: Sequence[str]) -> bool:
    """Recovery codes in place of those that are left. False: they have no second factor (any more)."""
    given = {"person": person_id, "codes": [fingerprint(code) for code in codes]}
    return (await connection.execute(_RENEW_CODES, given)).first() is not None


async def remove(connection: AsyncConnection, person_id: str) -> bool:
    """Take it off. False: there is none."""
    await connection.execute(_TOUCH, {"person": person_id})
    return (await connection.execute(_REMOVE, {"person": person_id})).first() is not None


async def reset(connection: AsyncConnection, person_id: str) -> bool:
    """Take it off and end every session: for somebody who has lost their phone and the recovery codes."""
    removed = await remove(connection, person_id)
    await end_every_session(connection, person_id)
    return removed


async def verify_session(connection: AsyncConnection, jti: str) -> None:
    """The session of this access token has shown a code just now."""
    await connection.execute(_VERIFY, {"jti": jti})


async def is_fresh(connection: AsyncConnection, jti: str, age: timedelta) -> bool:
    """Whether the session of this access token has shown a code within so long."""
    return bool((await connection.execute(_IS_FRESH, {"jti": jti, "age": age})).scalar_one())
