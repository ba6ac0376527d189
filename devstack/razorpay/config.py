"""The sandbox's configuration at its start."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Keys, where webhooks go, and how fast its time runs. The defaults are secrets of nobody."""

    key_id: str = "rzp_test_sandbox0000001"
    key_secret: str = "sandbox-key-secret"  # noqa: S105
    webhook_secret: str = "sandbox-webhook-secret"  # noqa: S105
    webhook_secret_previous: str = "sandbox-webhook-secret-previous"  # noqa: S105
    webhook_urls: tuple[str, ...] = ()
    account_id: str = "acc_Sandbox0000001"
    seed: str | None = None
    state: str | None = None
    time_scale: float = 1000.0
    virtual_clock: bool = False
    delivery_timeout: float = 5.0
    unique_receipt: bool = False

    def __post_init__(self) -> None:
        if self.key_id.startswith("rzp_live_"):
            raise ValueError("a live key has no business in a sandbox")
        if not (self.key_id and self.key_secret and self.webhook_secret):
            raise ValueError("keys and secrets must not be empty")
        if self.time_scale <= 0:
            raise ValueError("time must run forward")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read ``RZP_*`` and ``SANDBOX_*``; an empty variable counts as absent."""
        given = {name: value.strip() for name, value in environment.items() if value.strip()}
        usual = cls()
        return cls(
            key_id=given.get("RZP_KEY_ID", usual.key_id),
            key_secret=given.get("RZP_KEY_SECRET", usual.key_secret),
            webhook_secret=given.get("RZP_WEBHOOK_SECRET", usual.webhook_secret),
            webhook_secret_previous=given.get("RZP_WEBHOOK_SECRET_PREVIOUS", usual.webhook_secret_previous),
            webhook_urls=tuple(url.strip() for url in given.get("RZP_WEBHOOK_URLS", "").split(",") if url.strip()),
            account_id=given.get("RZP_ACCOUNT_ID", usual.account_id),
            seed=given.get("SANDBOX_SEED"),
            state=given.get("RZP_STATE"),
            time_scale=float(given.get("SANDBOX_TIME_SCALE", usual.time_scale)),
            virtual_clock=given.get("SANDBOX_CLOCK", "real") == "virtual",
            unique_receipt=given.get("SANDBOX_UNIQUE_RECEIPT", "") in {"1", "true", "yes"},
        )
