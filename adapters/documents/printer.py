"""Printing beside the event loop: a document takes 5 to 50 ms of processor time, in which nobody would be answered."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from domain.billing.documents import DocumentFacts
from domain.errors import Unavailable

_THREADS = 2
_WAITING_AT_MOST = 32


class DocumentPrinter:
    """Two documents at a time, each in a thread of its own; ``close()`` it at the end."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="printer")
        self._waiting = 0

    async def render(self, facts: DocumentFacts) -> bytes:
        """The document as a PDF.

        Raises:
            TooLarge: the facts are longer than those of any booking.
            Unavailable: too many documents wait already.
        """
        if self._waiting >= _WAITING_AT_MOST:
            raise Unavailable("too many documents are being printed, try again in a moment")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, _render, facts)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _render(facts: DocumentFacts) -> bytes:
    """The library and its fonts take 30 MB; most processes never print."""
    from adapters.documents.pdf import render_document

    return render_document(facts)
