"""`python -m devstack.mail --smtp-port P --http-port Q --store FILE`: run the mailbox until a signal stops it."""

import argparse
import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from aiosmtpd.smtp import SMTP

from devstack.mail.store import Store
from devstack.mail.web import create_app


class Catcher:
    """Takes every mail for everybody."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self._store.add(envelope.mail_from or "", list(envelope.rcpt_tos), envelope.original_content, datetime.now(UTC))
        return "250 OK, kept"


async def serve(smtp_port: int, config: uvicorn.Config, store: Store) -> None:
    """SMTP and HTTP in one loop; uvicorn's signal handling ends both."""
    catcher = Catcher(store)
    smtp = await asyncio.get_running_loop().create_server(
        lambda: SMTP(catcher, enable_SMTPUTF8=True, hostname="mail.devstack"), "127.0.0.1", smtp_port
    )
    async with smtp:
        await uvicorn.Server(config).serve()


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m devstack.mail",
        description="A mail server that takes every mail for everybody and shows them on a page.",
    )
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--store", type=Path, required=True)
    arguments = parser.parse_args()
    store = Store(arguments.store)
    config = uvicorn.Config(
        create_app(store), host="127.0.0.1", port=arguments.http_port, log_level="warning", timeout_graceful_shutdown=2
    )
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:  # uvloop, where it is installed
        runner.run(serve(arguments.smtp_port, config, store))


main()
