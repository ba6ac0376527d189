"""Local services with nothing but their people, as an application serves them."""

from pathlib import Path

import kinds.local_services
from adapters.postgres.kind import KindStorage
from adapters.postgres.row_sets import RowSet
from api.kind import BookingModels, KindApi
from kinds.local_services.api.accounts import ACCOUNTS
from kinds.local_services.api.people_routes import BODY_LIMITS, PEOPLE_ROUTERS, REPLACED
from kinds.local_services.api.routes import notifications
from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.domain.kind import LOCAL_SERVICES
from kinds.local_services.postgres.audit import record_account_act
from kinds.local_services.postgres.notices import NOTICES, NOTICES_DATA, RETENTION_OF_NOTICES
from kinds.local_services.postgres.personal_data import PEOPLE_DATA
from kinds.local_services.postgres.retention import RETENTION_OF_PEOPLE
from kinds.local_services.postgres.tables.base import SCHEMA, TablesBase
from kinds.local_services.postgres.tables.people import Profile
from kinds.local_services.settings import LocalServicesSettings

STORAGE: KindStorage[ServiceBooking] = KindStorage(
    kind=LOCAL_SERVICES,
    schema=SCHEMA,
    metadata=TablesBase.metadata,
    migrations=Path(str(kinds.local_services.__file__)).parent / "migrations",
    detail=RowSet(Profile, (), lambda booking: ()),
    personal_data={**PEOPLE_DATA, **NOTICES_DATA},
    retention={**RETENTION_OF_PEOPLE, **RETENTION_OF_NOTICES},
    notices=NOTICES,
    record_act=record_account_act,
)
PEOPLE_API: KindApi[ServiceBooking] = KindApi(
    storage=STORAGE,
    title="Local services",
    description="Their people.",
    prefix="/api/v1",
    routers=(*PEOPLE_ROUTERS, notifications.router),
    models=BookingModels(),
    chapters={},
    leaves_out=REPLACED,
    policy=LocalServicesSettings,
    accounts=ACCOUNTS,
    body_limits=BODY_LIMITS,
)
