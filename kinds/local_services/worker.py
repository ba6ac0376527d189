"""Local services as the worker runs them."""

from adapters.postgres.database import Database
from adapters.resources import Resources
from kind_settings import settings_by_kind
from kinds.local_services.domain.booking import KIND, ServiceBooking
from kinds.local_services.domain.emails import OPTIONAL_FACTS
from kinds.local_services.emails import TEMPLATES
from kinds.local_services.postgres.code_texts import CodeTexts
from kinds.local_services.postgres.storage import STORAGE
from kinds.local_services.settings import LocalServicesSettings
from kinds.local_services.workflow import LocalServiceWorkflow
from workers.kind import KindWorker, TextMessaging


def _text_messages(resources: Resources, database: Database) -> TextMessaging:
    """Codes by SMS, through the gateway of the settings; what speaks HTTP is loaded only for one."""
    policy = LocalServicesSettings()
    shop = settings_by_kind([KIND], resources.settings)[KIND].mail.from_name
    texts = CodeTexts(
        database, resources.codes, KIND, shop, lifetime=policy.code_lifetime, texts_in_all=policy.texts_in_all
    )
    if policy.sms_url is None:
        return TextMessaging(texts, None)
    from adapters.sms import HttpSmsSender

    token = policy.sms_token.get_secret_value() if policy.sms_token else None
    return TextMessaging(texts, HttpSmsSender(policy.sms_url, token))


WORKER: KindWorker[ServiceBooking] = KindWorker(
    storage=STORAGE,
    workflow=LocalServiceWorkflow,
    pure=("kinds.local_services.domain",),
    templates=TEMPLATES,
    optional_facts=OPTIONAL_FACTS,
    text_messages=_text_messages,
    policy=LocalServicesSettings,
)
