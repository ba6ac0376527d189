"""The printed invoice or credit note: a PDF/A-3 file of A4 pages, its fonts embedded.

Within a release the same facts give the same bytes, so a copy that is fetched later is the one that was mailed.
"""

import threading
from pathlib import Path

import orjson
import typst

from adapters.documents.contents import contents_of
from domain.billing.documents import DocumentFacts
from domain.errors import TooLarge

_HERE = Path(__file__).parent
_MOST = 200_000  # bytes of facts: half a second of work; the largest that the API lets in have a tenth of it
_OF_THIS_THREAD = threading.local()


def render_document(facts: DocumentFacts) -> bytes:
    """The document as a PDF; other threads run meanwhile.

    Raises:
        TooLarge: the facts are longer than those of any booking.
    """
    data = orjson.dumps(contents_of(facts))
    if len(data) > _MOST:
        raise TooLarge(f"document {facts.number} is too long to be printed")
    printed = _compiler().compile(format="pdf", sys_inputs={"facts": data.decode()}, pdf_standards=["a-3b"])
    if not isinstance(printed, bytes):
        raise TypeError("a PDF is one file")
    return printed


def _compiler() -> typst.Compiler:
    """One for each thread, since no two can use the same; it keeps the template and the fonts."""
    compiler: typst.Compiler | None = getattr(_OF_THIS_THREAD, "compiler", None)
    if compiler is None:
        template, fonts = _HERE / "document.typ", _HERE / "fonts"
        compiler = typst.Compiler(template, root=_HERE, font_paths=[fonts], ignore_system_fonts=True)
        _OF_THIS_THREAD.compiler = compiler
    return compiler
