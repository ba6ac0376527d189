"""Work of a workflow that runs beside its handlers: what must end before it closes, and what must never fail unseen."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.emails import EmailActivities
from domain.emails import BookingEmail
from domain.errors import BookingError
from workflows import options


class Background:
    """Tasks of one workflow."""

    def __init__(self) -> None:
        self._before_close: set[asyncio.Task[None]] = set()
        self._broken: BaseException | None = None

    def run_before_close(self, work: Coroutine[Any, Any, None]) -> None:
        """Run in the background what must be done before the workflow ends, but what no caller waits for."""
        task = asyncio.create_task(work)
        self._before_close.add(task)
        task.add_done_callback(self._before_close.discard)

    def works_in_background(self) -> bool:
        """Whether something must still be done before the workflow ends."""
        return bool(self._before_close)

    async def finish_background_work(self) -> None:
        """Wait for what must be done before the workflow ends."""
        if self._before_close:
            await workflow.wait(list(self._before_close))

    def supervise(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Run beside ``run``; if it fails, ``raise_if_broken`` raises, so that the booking does not hang unnoticed."""

        def ended(task: "asyncio.Task[None]") -> None:
            if not task.cancelled() and (failure := task.exception()) is not None:
                self._broken = failure

        task = asyncio.create_task(work)
        task.add_done_callback(ended)
        return task

    def raise_if_broken(self) -> None:
        """Raise what failed in the background as a workflow task failure, which Temporal shows and retries after a fix.

        Raised unchanged, a refusal or a failed activity would end the whole booking as failed.
        """
        if self._broken is not None:
            raise RuntimeError(f"a background task failed: {self._broken}") from self._broken

    async def run_activity(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Await an activity; a refusal is raised as itself, not wrapped."""
        try:
            return await work
        except ActivityError as failure:
            if isinstance(failure.cause, BookingError):
                raise failure.cause from None
            raise

    async def send_in_order(self, emails: list[BookingEmail]) -> None:
        """Send e-mails that no transition causes, one after the other; one that is given up does not stop the next."""
        for email in emails:
            try:
                await workflow.execute_activity_method(
                    EmailActivities.send_booking_email, email, summary=f"{email.slug} {email.sequence}", **options.MAIL
                )
            except ActivityError as failure:
                workflow.logger.error("an e-mail was given up: %s %s: %s", email.slug, email.sequence, failure)
