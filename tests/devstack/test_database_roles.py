"""The roles that docker-compose.yml makes, on the stack's own PostgreSQL: what each of them can do, and cannot."""

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from sqlalchemy import URL, make_url

from adapters.postgres.database import Database
from adapters.postgres.schemas import PUBLIC
from devstack.parts.postgres import binaries
from devstack.stack import Stack
from migrations.command import migrate
from settings import Stores
from tests.devstack.compose import hosting, services

ROLES = hosting()["configs"]["database-roles"]["content"]
PASSWORDS = {"shop": "of the shop", "temporal": "of temporal"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    """A server with these roles; its own superuser has the product's name, so the product's role is called shop."""
    folder = tmp_path_factory.mktemp("roles")
    with Stack(folder, parts={"postgres"}, discard=True) as stack:
        url = make_url(stack.info["postgres"]).set(database="postgres")
        make_roles(url, PASSWORDS)
        yield url


def make_roles(server: URL, passwords: dict[str, str]) -> None:
    """The script as its service runs it."""
    script = ROLES.replace("revcare", "shop")
    service = services()["database-roles"]
    words = [word.replace("/database-roles.sql", "-") for word in service["command"]]
    env = {
        "PGHOST": str(server.host),
        "PGPORT": str(server.port),
        "PGUSER": str(server.username),
        "PGPASSWORD": str(server.password),
        "OF_SHOP": passwords["shop"],
        "OF_TEMPORAL": passwords["temporal"],
    }
    program = str(binaries() / service["entrypoint"][0])
    script = script.replace("OF_REVCARE", "OF_SHOP")
    subprocess.run([program, *words], env={**os.environ, **env}, input=script, text=True, check=True)


@asynccontextmanager
async def connected(server: URL, **other: Any) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(server.set(**other).render_as_string(hide_password=False))
    try:
        yield connection
    finally:
        await connection.close()


def shop(server: URL) -> URL:
    return server.set(username="shop", password=PASSWORDS["shop"], database="shop")


async def test_neither_the_product_nor_temporal_is_a_superuser_and_only_restores_make_databases(server):
    async with connected(server) as superuser:
        rows = await superuser.fetch(
            "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication FROM pg_roles "
            "WHERE rolname = ANY($1) ORDER BY rolname",
            ["shop", "temporal"],
        )
    assert [tuple(row) for row in rows] == [
        ("shop", False, True, False, False, False),
        ("temporal", False, False, False, False, False),
    ]


async def test_the_product_s_role_brings_its_own_database_up_to_date(server):
    database = Database(Stores(postgresql_url=shop(server).render_as_string(hide_password=False)), PUBLIC)
    try:
        assert (await migrate(database)).startswith("schemas went from nothing")
    finally:
        await database.close()


async def test_nobody_enters_a_database_of_the_other(server):
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="CONNECT"):
        async with connected(server, username="temporal", password=PASSWORDS["temporal"], database="shop"):
            pass
    for name in ("temporal", "temporal_visibility"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="CONNECT"):
            async with connected(shop(server), database=name):
                pass


async def test_temporal_makes_its_tables_in_both_of_its_databases(server):
    for name in ("temporal", "temporal_visibility"):
        async with connected(server, username="temporal", password=PASSWORDS["temporal"], database=name) as temporal:
            await temporal.execute("CREATE TABLE schema_version (version_partition INT)")


async def test_a_restore_may_make_and_remove_a_database_and_runs_no_program_on_the_server(server):
    async with connected(shop(server)) as product:
        await product.execute("CREATE DATABASE scratch TEMPLATE template0 ENCODING 'UTF8'")
        await product.execute("DROP DATABASE scratch WITH (FORCE)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await product.execute("COPY (SELECT 1) TO PROGRAM 'true'")


async def test_made_again_the_roles_keep_what_is_theirs_and_have_the_password_of_today(server):
    async with connected(shop(server)) as product:
        await product.execute("CREATE TABLE kept (id INT)")
    make_roles(server, {**PASSWORDS, "shop": "another's guess"})
    with pytest.raises(asyncpg.InvalidPasswordError):
        async with connected(shop(server)):
            pass
    make_roles(server, PASSWORDS)
    async with connected(shop(server)) as product:
        assert await product.fetch("SELECT id FROM kept") == []
