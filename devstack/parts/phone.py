"""The phones: where pushes and text messages arrive, and the issuer of identity tokens of another provider."""

import json
from typing import Any

from devstack.child import Command
from devstack.parts.base import Part, Site, answers
from devstack.phone.names import CLIENT_ID, CREDENTIALS, OIDC_NAME


class Phone(Part):
    """Firebase Cloud Messaging, a gateway for text messages and an issuer of ID tokens, in one process."""

    name = "phone"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._port = site.folder.port("phone")
        self._token = site.secrets["phone_sms_token"]

    def command(self) -> Command:
        folder = str(self.site.folder.data("phone"))
        words = ["-m", "devstack.phone", "--port", str(self._port), "--folder", folder]
        return self.site.python(*words, PHONE_SMS_TOKEN=self._token)

    def ready(self) -> bool:
        return answers(f"{self._url}/health")

    @property
    def _url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def address(self) -> str:
        return self._url

    def facts(self) -> dict[str, Any]:
        return {"phone": {"api": self._url, "oidc": {"name": OIDC_NAME, "issuer": self._url, "client_id": CLIENT_ID}}}

    def exports(self) -> dict[str, str]:
        issuer = {"name": OIDC_NAME, "issuer": self._url, "client_ids": [CLIENT_ID], "jwks_url": f"{self._url}/jwks"}
        return {
            "FCM_BASE_URL": self._url,
            "FCM_CREDENTIALS": str(self.site.folder.data("phone") / CREDENTIALS),
            "REVCARE_LOCAL_SERVICES_SMS_URL": f"{self._url}/sms",
            "REVCARE_LOCAL_SERVICES_SMS_TOKEN": self._token,
            "REVCARE_LOCAL_SERVICES_OIDC": json.dumps([issuer]),
        }
