"""The vehicle service as the worker runs it."""

from datetime import time, timedelta

from adapters.postgres.database import Database
from adapters.resources import Resources
from kinds.vehicle_service.activities import ReminderActivities
from kinds.vehicle_service.domain.emails import OPTIONAL_FACTS
from kinds.vehicle_service.domain.visit import VisitBooking
from kinds.vehicle_service.emails import TEMPLATES
from kinds.vehicle_service.postgres.reminders import PastVisitRows
from kinds.vehicle_service.postgres.storage import STORAGE
from kinds.vehicle_service.reminder_workflow import ServiceRemindersWorkflow
from kinds.vehicle_service.workflow import VehicleServiceWorkflow
from workers.kind import ByQueue, KindWorker
from workflows.booking.messages import MAIL_QUEUE, MAINTENANCE_QUEUE
from workflows.schedules import ScheduledJob

_SERVICE_REMINDERS = ScheduledJob(
    "service-reminders",
    "ServiceRemindersWorkflow",
    timedelta(days=1),
    "cars due again",
    MAIL_QUEUE,
    at=time(9),
)


def _activities(resources: Resources, maintenance: Database) -> ByQueue:
    visits = PastVisitRows(maintenance, resources.settings.company.shop_timezone)
    return {MAINTENANCE_QUEUE: [ReminderActivities(visits).due_reminders]}


WORKER: KindWorker[VisitBooking] = KindWorker(
    storage=STORAGE,
    workflow=VehicleServiceWorkflow,
    workflows={MAIL_QUEUE: (ServiceRemindersWorkflow,)},
    activities=_activities,
    schedules=(_SERVICE_REMINDERS,),
    pure=("kinds.vehicle_service.domain", "kinds.vehicle_service.activities"),
    templates=TEMPLATES,
    optional_facts=OPTIONAL_FACTS,
)
