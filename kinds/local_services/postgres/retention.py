"""How long the rows of people of local services are kept."""

from collections.abc import Mapping

from adapters.postgres.retention import Rule

_WITH_THEM = Rule("until the person changes it or leaves")

RETENTION_OF_PEOPLE: Mapping[str, Rule] = {
    "profiles": Rule("for good; what is personal goes when the person leaves"),
    "user_skills": _WITH_THEM,
    "certifications": _WITH_THEM,
    "social_subjects": Rule("until the person leaves"),
    "codes": Rule("a day after it was good", "t.expires_at < now() - interval '1 day'"),
    "begun_registrations": Rule("a day after it was good", "t.expires_at < now() - interval '1 day'"),
    "audit_log": Rule("for good; PostgreSQL refuses to change or delete it"),
}
