"""Local services as the worker runs them."""

from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.domain.emails import OPTIONAL_FACTS
from kinds.local_services.emails import TEMPLATES
from kinds.local_services.postgres.storage import STORAGE
from kinds.local_services.workflow import LocalServiceWorkflow
from workers.kind import KindWorker

WORKER: KindWorker[ServiceBooking] = KindWorker(
    storage=STORAGE,
    workflow=LocalServiceWorkflow,
    pure=("kinds.local_services.domain",),
    templates=TEMPLATES,
    optional_facts=OPTIONAL_FACTS,
)
