"""What a kind of booking brings to the worker: its workflows, activities, schedules and e-mails."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic

from activities.text_messages import TextMessaging
from adapters.mail.render import KindTemplates, Shop
from adapters.postgres.database import Database
from adapters.postgres.kind import KindStorage
from adapters.resources import Resources
from domain.billing.documents import Supplier
from domain.kind import B, BookingKind
from setting_types import Group
from settings import Settings
from workflows.schedules import ScheduledJob

__all__ = ["ByQueue", "KindWorker", "TextMessaging"]

ByQueue = Mapping[str, Sequence[Callable[..., Any]]]


def _no_activities(resources: Resources, maintenance: Database) -> ByQueue:
    return {}


@dataclass(frozen=True, kw_only=True)
class KindWorker(Generic[B]):
    """One kind as the worker runs it.

    ``workflow`` is the type of its bookings; ``workflows`` are others, and ``activities`` those that are not the
    engine's, by the queue that they are on. ``maintenance`` is a pool for long statements. ``pure`` are modules that
    may be passed through the sandbox: they hold no state and ask for no time. ``templates`` is the folder with the
    words of its e-mails, ``optional_facts`` what these can do without. ``supplier_for`` answers who issues the
    documents of a company (``BookingKind.company``); without it that is the shop of the settings. ``text_messages``:
    what it writes to phones, over its own ``Database``, and by whom. ``policy`` reads settings of its own, where its
    activities need any.
    """

    storage: KindStorage[B]
    workflow: type
    workflows: Mapping[str, tuple[type, ...]] = field(default_factory=dict)
    activities: Callable[[Resources, Database], ByQueue] = _no_activities
    schedules: tuple[ScheduledJob, ...] = ()
    pure: tuple[str, ...] = ()
    templates: Path = Path()
    optional_facts: tuple[str, ...] = ()
    supplier_for: Callable[[str], Supplier] | None = None
    text_messages: Callable[[Resources, Database], TextMessaging] | None = None
    policy: type[Group] | None = None

    @property
    def kind(self) -> BookingKind[B]:
        """What its storage keeps."""
        return self.storage.kind

    def email_templates(self, settings: Settings) -> KindTemplates:
        """Its e-mails, as the renderer takes them; ``settings`` are those of the kind."""
        shop = Shop(settings.mail.from_name, settings.web.public_url)
        return KindTemplates(self.kind.emails, self.templates, self.optional_facts, shop)
