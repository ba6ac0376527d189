"""What the tables of people of local services hold of them."""

from collections.abc import Mapping

from adapters.personal_data import Held

_THEIRS = "t.user_id = ANY(:people)"

PEOPLE_DATA: Mapping[str, Held] = {
    "user_skills": Held(
        personal="user_id skill_tag",
        what="what somebody says they can do",
        leaving="goes",
        erase="DELETE FROM user_skills WHERE user_id = ANY(:people)",
        theirs=_THEIRS,
        exported="skill_tag",
    ),
    "certifications": Held(
        personal="user_id title issuer issued_on file_url",
        what="certificates of somebody",
        leaving="goes",
        erase="DELETE FROM certifications WHERE user_id = ANY(:people)",
        theirs=_THEIRS,
        exported="title, issuer, issued_on, file_url, verified",
    ),
    "codes": Held(
        personal="user_id target",
        plain="id purpose digest",
        what="the phone or mail address that a code was sent to",
        leaving="goes",
        erase="DELETE FROM codes WHERE user_id = ANY(:people)",
        theirs=_THEIRS,
        exported="purpose, target, created_at, expires_at, spent_at",
    ),
    "social_subjects": Held(
        personal="user_id subject",
        plain="provider",
        what="who somebody is at another provider of logins",
        leaving="goes",
        erase="DELETE FROM social_subjects WHERE user_id = ANY(:people)",
        theirs=_THEIRS,
        exported="provider, subject, created_at",
    ),
    "begun_registrations": Held(
        personal="subject",
        plain="token provider",
        what="who somebody is at another provider of logins, who has no account",
        leaving="goes within a day",
        left_out="it is of nobody who is here",
    ),
    "audit_log": Held(
        personal="actor_id target_id metadata",
        plain="action target_type",
        what="who did what to whom, by id, and what changed: roles, the first and last digits of a phone",
        leaving="stays: PostgreSQL refuses to change it. The id leads to nobody any more",
        theirs="(t.actor_id = ANY(:people) OR (t.target_type = 'user' AND t.target_id = ANY(:people)))",
        exported="action, target_type, target_id, metadata, created_at",
    ),
    "profiles": Held(
        personal="user_id bio location_label gstin state notification_preferences",
        what="what somebody tells of themselves, where they are, their GSTIN, their ratings",
        leaving="goes, but for the numbers of ratings",
        erase="UPDATE profiles SET bio = '', location_label = NULL, lat = NULL, lng = NULL, gstin = NULL, state = NULL,"
        " phone_verified_at = NULL, email_verified_at = NULL, notification_preferences = '{}'"
        " WHERE user_id = ANY(:people)",
        theirs=_THEIRS,
        exported="bio, location_label, lat, lng, gstin, state, phone_verified_at, email_verified_at, "
        "rating_avg, rating_count, reputation, notification_preferences",
    ),
}
