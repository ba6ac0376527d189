"""What a kind of booking brings to the API: its routes, and the shapes that the engine's routes answer with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Generic

from fastapi import APIRouter, Query

from adapters.pages import Filters
from adapters.postgres.kind import KindStorage
from api.auth.account_rules import AccountRules
from api.auth.login_by import LoginBy
from api.schemas.answers import Answer
from api.schemas.booking_answers import BookingAnswer, ListRow, PaymentConfirmation, TimelineEntry
from api.schemas.document_answers import InvoiceAnswer
from api.schemas.payment_answers import PaymentAnswer
from domain.kind import B, BookingKind
from setting_types import Group


def _no_settings() -> None:
    return None


PersonFilter = Annotated[str | None, Query(pattern="^[A-Z]{3}[0-9]{6,12}$")]


async def by_status(status: Annotated[str | None, Query(max_length=40)] = None) -> Filters:
    """The filter that lists of every kind have."""
    return Filters(status=status)


@dataclass(frozen=True, kw_only=True)
class BookingModels:
    """What the engine's booking routes are made with for one kind.

    A kind extends the shapes of ``api.schemas``, or has its own where it shows something else; ``invoice`` is extended
    by the fields of its ``document_subject``. ``filters`` is a dependency that reads ``Filters`` from the query.
    ``customer`` and ``participant`` are annotated query parameters: they narrow a list to a customer's bookings, and to
    those in which a person takes part, under the kind's name.
    """

    booking: type[Answer] = BookingAnswer
    row: type[Answer] = ListRow
    timeline_entry: type[Answer] = TimelineEntry
    payment_confirmation: type[PaymentConfirmation] = PaymentConfirmation
    filters: Callable[..., Any] = by_status
    customer: Any = PersonFilter
    participant: Any = PersonFilter
    invoice: type[InvoiceAnswer] = InvoiceAnswer
    payment: type[PaymentAnswer] = PaymentAnswer


@dataclass(frozen=True, kw_only=True)
class KindApi(Generic[B]):
    """One kind as an API process serves it.

    ``routers`` are its own and those of the engine that it takes beside the ones of every kind (``every_kind``, login,
    passwords, roles, webhook), in the order in which a path is looked for, all under ``prefix``. ``body_limits``
    (bytes) and ``refusals`` (statuses that no dependency shows) are by path and by "METHOD path" under the prefix, each
    as it was registered; ``chapters`` are the tags of the OpenAPI document in their order. ``policy`` reads the kind's
    own settings, once for an application. ``leaves_out``: "METHOD path" of the engine's routes that it has one of its
    own for, or does not serve. ``reads_supplier``: its routes ask where the supplier of the settings is registered.
    ``pages`` is a folder with the templates and scripts of its web pages. ``web_sockets``: its routers have WebSockets;
    else whoever wishes for one makes a request like any other.
    """

    storage: KindStorage[B]
    title: str
    description: str
    prefix: str
    routers: Sequence[APIRouter]
    models: BookingModels
    chapters: Mapping[str, str]
    leaves_out: frozenset[str] = frozenset()
    policy: Callable[[], Group | None] = _no_settings
    reads_supplier: bool = False
    web_sockets: bool = False
    login_by: LoginBy = LoginBy.PHONE
    accounts: AccountRules = field(default_factory=AccountRules)
    body_limits: Mapping[str, int] = field(default_factory=dict)
    refusals: Mapping[str, frozenset[int]] = field(default_factory=dict)
    pages: Path | None = None
    schema_names: Mapping[str, str] = field(default_factory=dict)
    """Class -> name in the OpenAPI document, where clients know a schema by another name."""

    @property
    def kind(self) -> BookingKind[B]:
        """What its storage keeps."""
        return self.storage.kind
