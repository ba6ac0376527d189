"""Summaries are stored: whoever changes what is in them has to say so, or rows of an earlier release would be shown."""

import hashlib

import orjson

from domain.views import summary, summary_version
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from tests.kinds.vehicle_service.situations import SITUATIONS

VERSION, DIGEST = "1.1", "3df731346909fd2c"


def test_summaries_that_changed_have_another_version():
    """Raise ``summary_version`` of the kind (or that of the engine in ``domain/views.py``), then note both here."""
    shown = {
        name: {
            str(role.name): summary(VEHICLE_SERVICE, situation().booking, role.name) for role in VEHICLE_SERVICE.roles
        }
        for name, situation in SITUATIONS.items()
    }
    digest = hashlib.sha256(orjson.dumps(shown, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
    assert (summary_version(VEHICLE_SERVICE), digest) == (VERSION, DIGEST)
