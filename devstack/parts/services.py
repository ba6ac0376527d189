"""The two external services that the stack replaces: the mailbox and the payment provider."""

from typing import Any

from devstack.child import Command
from devstack.parts.base import Given, Part, Site, answers, listening


class Mail(Part):
    """A catch-all mail server that shows what it caught."""

    name = "mail"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._smtp, self._http = site.folder.port("mail_smtp"), site.folder.port("mail_http")

    def command(self) -> Command:
        folder = self.site.folder.data("mail")
        ports = ["--smtp-port", str(self._smtp), "--http-port", str(self._http)]
        return self.site.python("-m", "devstack.mail", *ports, "--store", str(folder / "mails.sqlite"))

    def ready(self) -> bool:
        return listening(self._smtp) and answers(f"{self.page}/health")

    @property
    def page(self) -> str:
        return f"http://127.0.0.1:{self._http}"

    def address(self) -> str:
        return f"smtp 127.0.0.1:{self._smtp}, mails {self.page}"

    def facts(self) -> dict[str, Any]:
        return {"mail": {"smtp": f"127.0.0.1:{self._smtp}", "api": self.page}}

    def exports(self) -> dict[str, str]:
        return {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(self._smtp), "MAIL_STARTTLS": "0", "MAIL_SSL_TLS": "0"}


class Razorpay(Part):
    """The provider's sandbox. RAZORPAY_* of the environment override its keys, or replace it whole by a base URL."""

    name = "razorpay"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._port = site.folder.port("razorpay")
        self._keys = {
            name: site.env.get(f"RAZORPAY_{name.upper()}") or site.secrets[f"razorpay_{name}"]
            for name in ("key_id", "key_secret", "webhook_secret")
        }

    @classmethod
    def given(cls, site: Site) -> Part | None:
        if not (base_url := site.env.get("RAZORPAY_BASE_URL")):
            return None
        keys = {name: site.env.get(f"RAZORPAY_{name.upper()}", "") for name in ("key_id", "key_secret")}
        keys["webhook_secret"] = site.env.get("RAZORPAY_WEBHOOK_SECRET") or site.secrets["razorpay_webhook_secret"]
        exports = {"RAZORPAY_BASE_URL": base_url, "RAZORPAY_WEBHOOK_SECRET": keys["webhook_secret"]}
        return Given(site, cls.name, {"razorpay": {"base_url": base_url, **keys}}, exports)

    def command(self) -> Command:
        api = site_api(self.site)
        return self.site.python(
            *("-m", "devstack.razorpay", "--port", str(self._port)),
            RZP_KEY_ID=self._keys["key_id"],
            RZP_KEY_SECRET=self._keys["key_secret"],
            RZP_WEBHOOK_SECRET=self._keys["webhook_secret"],
            RZP_WEBHOOK_URLS=f"{api}/api/v1/payment/webhook",
            RZP_STATE=str(self.site.folder.data("razorpay") / "state.sqlite"),
        )

    def ready(self) -> bool:
        return answers(f"{self._base_url}/sandbox/state")

    @property
    def _base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def address(self) -> str:
        return self._base_url

    def facts(self) -> dict[str, Any]:
        return {"razorpay": {"base_url": self._base_url, **self._keys}}

    def exports(self) -> dict[str, str]:
        keys = {f"RAZORPAY_{name.upper()}": value for name, value in self._keys.items()}
        return {"RAZORPAY_BASE_URL": self._base_url, **keys}


def site_api(site: Site) -> str:
    """Where the API of this stack listens, or will."""
    port = site.env.get("REVCARE_PORT") or site.folder.port("api")
    return f"http://127.0.0.1:{port}"
