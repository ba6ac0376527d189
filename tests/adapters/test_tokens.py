"""Tokens of one kind say nothing to another, although both are signed with the same keys."""

from datetime import UTC, datetime

import pytest

from adapters.auth.claims import TokenType
from adapters.auth.tokens import Tokens
from domain.errors import Unauthenticated
from settings import Secrets

VEHICLES, TABLES = Tokens(Secrets(), "vehicle_service"), Tokens(Secrets(), "table_reservation")


@pytest.mark.parametrize("token_type", ["access", "refresh"])
def test_a_token_is_read_by_its_own_kind_only(token_type: TokenType) -> None:
    issued = VEHICLES.issue(token_type, "ADM000001", "admin", datetime.now(UTC))
    read = VEHICLES.read(token_type, issued.token)
    assert (read.sub, read.jti, read.type) == ("ADM000001", issued.claims.jti, token_type)
    with pytest.raises(Unauthenticated):
        TABLES.read(token_type, issued.token)
