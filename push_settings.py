"""Through whom devices are shown what happens."""

from pathlib import Path

from pydantic_settings import SettingsConfigDict

from setting_types import Group

FIREBASE = "https://fcm.googleapis.com"


class PushService(Group):
    """Firebase Cloud Messaging. ``credentials``: the file of a service account; without one no push leaves.

    The base URL names the real service or a sandbox (no trailing slash).
    """

    model_config = SettingsConfigDict(env_prefix="FCM_")

    credentials: Path | None = None
    base_url: str = FIREBASE
