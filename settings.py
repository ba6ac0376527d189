"""The settings that every kind of booking shares, read once from the environment and frozen.

A kind has its prices and windows in its own ``settings.py``.

The names follow the field (``SECRET_KEY``, ``POSTGRESQL_URL``, ``MAIL_SERVER``, ``RAZORPAY_KEY_ID``); what is ours
starts with ``REVCARE_``. Temporal's own settings (address, namespace, TLS, API key) are read by
``temporalio.envconfig`` and have no names here. Durations read as ``90s``, ``30m``, ``48h``, ``2d``.
"""

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from backup_settings import Backups
from domain.errors import Invalid
from domain.gstin import gstin
from domain.indian_states import code_of_state, state_named
from domain.timezones import timezone
from push_settings import PushService
from retention_settings import Retention
from second_factor_settings import SecondFactors
from setting_types import Duration, Durations, Group, Limit, Words, moment
from throttle_settings import Throttles

SECOND = timedelta(seconds=1)
DEVELOPMENT_SECRET = "development-only-"  # noqa: S105 - the marker that production refuses
PROVIDER = "https://api.razorpay.com"
Hashing = Literal["strong", "quick"]


class Stores(Group):
    """Where the rows and the documents live, and how long anything there may wait.

    The timeouts of PostgreSQL: for a free connection of the pool, for one statement, for one lock, and how long a
    transaction may be idle before the server ends it.
    """

    postgresql_url: str = "postgresql://localhost/revcare"
    postgresql_pool: Annotated[int, Field(ge=1, le=200)] = 10
    postgresql_pool_timeout: Limit = timedelta(seconds=10)
    postgresql_statement_timeout: Limit = timedelta(seconds=10)
    postgresql_lock_timeout: Limit = timedelta(seconds=4)
    postgresql_idle_timeout: Limit = timedelta(seconds=60)
    mongodb_uri: str = "mongodb://localhost:27017"
    mongodb_db: str = "revcare"


class Secrets(Group):
    """Keys that sign tokens; access and refresh keys are apart.

    ``known_device_days``: so long a browser in which somebody has logged in is known as theirs. ``hashing``:
    only tests, whose passwords are no secrets, have them hashed quickly.
    """

    secret_key: SecretStr = SecretStr(DEVELOPMENT_SECRET + "access-key-of-32-bytes-at-least")
    refresh_secret_key: SecretStr = SecretStr(DEVELOPMENT_SECRET + "refresh-key-of-32-bytes-at-least")
    access_token_expire_minutes: Annotated[int, Field(ge=1)] = 30
    refresh_token_expire_days: Annotated[int, Field(ge=1)] = 7
    known_device_days: Annotated[int, Field(validation_alias="REVCARE_KNOWN_DEVICE_DAYS", ge=1, le=3650)] = 365
    hashing: Annotated[Hashing, Field(validation_alias="REVCARE_PASSWORD_HASHING")] = "strong"


class Razorpay(Group):
    """The payment provider. The base URL names the real API or a sandbox (no trailing slash)."""

    model_config = SettingsConfigDict(env_prefix="RAZORPAY_")

    key_id: str = "rzp_test_unset"
    key_secret: SecretStr = SecretStr(DEVELOPMENT_SECRET + "razorpay")
    base_url: str = PROVIDER
    account_id: str | None = None
    webhook_secret: SecretStr = SecretStr(DEVELOPMENT_SECRET + "webhook")
    webhook_secret_previous: SecretStr | None = None
    webhook_secret_previous_until: Annotated[str | None, BeforeValidator(moment)] = None


class Mail(Group):
    """The SMTP server and the sender's name and address."""

    model_config = SettingsConfigDict(env_prefix="MAIL_")

    server: str = "localhost"
    port: int = 1025
    username: str | None = None
    password: SecretStr | None = None
    starttls: bool = False
    ssl_tls: bool = False
    mail_from: str = Field(default="service@revcare.example", validation_alias="MAIL_FROM")
    from_name: str = "RevCare"


class Payments(Group):
    """How payments are followed where no webhook tells of them; for every kind of booking.

    Orders that are still payable are looked at every ``payment_poll``, those that are over at each of
    ``payment_rechecks``. ``webhook_silence``: so many paid orders without a webhook are an alarm.
    """

    model_config = SettingsConfigDict(env_prefix="REVCARE_")

    payment_poll: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(seconds=20)
    payment_rechecks: Annotated[Durations, Field(validation_alias="REVCARE_PAYMENT_WATCH")] = tuple(
        timedelta(hours=hours) for hours in (0.25, 1, 6, 24, 72, 120)
    )
    webhook_silence: Annotated[int, Field(ge=1)] = 5


class Company(Group):
    """In which timezone the days of the books are, and who issues the documents of kinds that name no supplier."""

    model_config = SettingsConfigDict(env_prefix="REVCARE_")

    shop_timezone: str = "Asia/Kolkata"
    supplier_name: str = "RevCare Motors Private Limited"
    supplier_gstin: str = "27AAPFU0939F1ZV"
    supplier_state: str = "Maharashtra"
    supplier_address: str = "14 Service Road, Pune 411001"

    @model_validator(mode="after")
    def _supplier_must_be_registered_in_its_state(self) -> "Company":
        try:
            code = gstin(self.supplier_gstin)[:2]
        except Invalid as fault:
            raise ValueError(f"REVCARE_SUPPLIER_GSTIN: {fault.detail}") from None
        if code_of_state(self.supplier_state) != code:
            raise ValueError(f"REVCARE_SUPPLIER_GSTIN is of {state_named(code)}, not of {self.supplier_state}")
        return self

    @field_validator("shop_timezone")
    @classmethod
    def _timezone_must_exist(cls, name: str) -> str:
        try:
            return timezone(name)
        except Invalid as fault:
            raise ValueError(fault.detail) from None


class Web(Group):
    """The HTTP side: where it listens, who may call it from a browser, how much it takes, where pictures lie.

    ``kind`` of the bookings served; ``upload_bytes_per_day`` of each person; ``uploads_free_bytes`` left on the disk.
    ``max_bodies_bytes``: of all bodies that are received or worked on, beyond the first 64 kB of each; of requests
    without a login a quarter as much.
    ``metrics_token``: what ``/metrics`` asks for as a bearer; in production there is no such page without one.
    ``client_timeout``: how long a client may take to send a head, or pause in a body or in reading.
    ``refresh_grace``: so long after its use a refresh token answers what it answered (two tabs renew one session at
    once); later a second use ends the session.
    ``contact_undo_lifetime``: so long a change of one's own phone or mail address can be taken back.
    ``connections``: so many a process holds, and fewer if it may have fewer files; ``connections_per_address``: so many
    of them from one address, unless it is that of a trusted proxy. ``requests_at_once``: one person, or one address
    without a login, has half of what others leave of so many worked on at once in a process.
    ``stream_lifetime``: after so long a live stream ends and its client comes back. ``streams_per_person``: so many a
    person may have open in one process.
    """

    model_config = SettingsConfigDict(env_prefix="REVCARE_")

    host: str = "127.0.0.1"
    port: int = 8000
    kind: str = "vehicle-service"
    public_url: str = "http://127.0.0.1:8000"
    cors_origins: Words = ()
    metrics_token: SecretStr | None = None
    max_body_bytes: int = 1_000_000
    max_bodies_bytes: Annotated[int, Field(ge=16_000_000)] = 100_000_000
    client_timeout: Annotated[Duration, Field(validation_alias="REVCARE_PATIENCE", gt=timedelta(0))] = 15 * SECOND
    connections: Annotated[int, Field(ge=5)] = 2000
    connections_per_address: Annotated[int, Field(ge=2)] = 500
    requests_at_once: Annotated[int, Field(ge=8)] = 12
    stream_lifetime: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(minutes=30)
    streams_per_person: Annotated[int, Field(ge=1)] = 20
    uploads: Path = Path("uploads")
    upload_bytes_per_day: Annotated[int, Field(ge=15_000_000, le=2_000_000_000)] = 200_000_000
    uploads_free_bytes: Annotated[int, Field(ge=0)] = 1_000_000_000
    update_timeout: Duration = timedelta(seconds=20)
    refresh_grace: Annotated[Duration, Field(ge=timedelta(0), le=timedelta(minutes=1))] = timedelta(seconds=10)
    reset_link_lifetime: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(hours=1)
    invitation_lifetime: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(days=7)
    contact_undo_lifetime: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(days=7)


class Process(Group):
    """What one process is allowed: its logs, its share of the work, the packages of kinds (none: those installed).

    ``environment`` decides whether values for development are taken (``production``). ``rehearsal``: a production that
    serves nobody may have addresses of its own machine, test keys and a sandbox of the provider, and says so wherever
    it is met.

    ``workflow_cache``: so many bookings a workflows role keeps in memory (one for each MiB of the memory that it may
    use, 100 to 10,000); ``workflow_pollers``: so many tasks it asks for at once (one for each 128 MiB, 4 to 20). The
    memory is that of its control group, else the machine's. ``sticky_timeout``: so long a task waits for the
    process that has its booking in memory before any other takes it, which reads the booking's history.

    ``heartbeat``: a file that API and worker touch every five seconds while they work, for whoever looks after their
    processes; a process with one ends when its loop stood still for two minutes.
    """

    model_config = SettingsConfigDict(env_prefix="REVCARE_")

    environment: Literal["development", "production"] = "production"
    rehearsal: bool = False
    kinds: Words = ()
    log_format: Literal["auto", "json", "console"] = "auto"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = "INFO"
    sandboxed_workflows: bool = False
    workflow_cache: Annotated[int, Field(ge=1)] | None = None
    workflow_pollers: Annotated[int, Field(ge=2, le=100)] | None = None
    workflow_tasks: Annotated[int, Field(ge=2, le=1000)] = 50
    sticky_timeout: Annotated[Duration, Field(ge=timedelta(milliseconds=100), le=timedelta(minutes=1))] = 2 * SECOND
    graceful_shutdown: Duration = timedelta(seconds=30)
    heartbeat: Path | None = None


class Settings(Group):
    """All groups together, with values for development; ``production`` says what has to be set there, and by whom."""

    stores: Stores = Field(default_factory=Stores)
    secrets: Secrets = Field(default_factory=Secrets)
    razorpay: Razorpay = Field(default_factory=Razorpay)
    mail: Mail = Field(default_factory=Mail)
    pushes: PushService = Field(default_factory=PushService)
    payments: Payments = Field(default_factory=Payments)
    company: Company = Field(default_factory=Company)
    web: Web = Field(default_factory=Web)
    throttles: Throttles = Field(default_factory=Throttles)
    second_factors: SecondFactors = Field(default_factory=SecondFactors)
    backups: Backups = Field(default_factory=Backups)
    retention: Retention = Field(default_factory=Retention)
    process: Process = Field(default_factory=Process)

    @model_validator(mode="after")
    def _secrets_must_not_be_empty(self) -> "Settings":
        secrets, razorpay = self.secrets, self.razorpay
        kept = (secrets.secret_key, secrets.refresh_secret_key, razorpay.key_secret, razorpay.webhook_secret)
        if any(not secret.get_secret_value() for secret in kept):
            raise ValueError("a secret is empty")
        return self


@cache
def load() -> Settings:
    """The settings of this process, read once; a process has ``startup`` judge them before."""
    return Settings()
