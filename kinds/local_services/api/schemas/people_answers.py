"""The shapes of people of local services."""

from typing import Any

from api.schemas.answers import Answer, example

_ASHA: dict[str, Any] = {
    "id": "USR000021",
    "role": "SERVICE_PROVIDER",
    "first_name": "Asha",
    "last_name": "R.",
    "avatar_url": None,
    "bio": "Plumber since 2009",
    "rating_avg": 4.63,
    "rating_count": 19,
    "reputation": 88.1,
    "skills": [{"id": 3, "skill_tag": "plumbing"}],
    "certifications": [],
    "created_at": "2026-11-20T09:12:44Z",
}
_HERSELF = {
    **_ASHA,
    "last_name": "Rao",
    "email": None,
    "phone": "+919841385379",
    "phone_verified": True,
    "email_verified": False,
    "location": {"label": "Kothrud, Pune", "lat": 18.5074, "lng": 73.8077},
    "gstin": None,
    "state": "Maharashtra",
    "payout": {"status": "activated", "account_id": "acc_GRWKk7qQsLnDjX"},
    "notification_preferences": {"booking.offer": {"push": False}},
    "updated_at": "2026-11-24T06:11:09Z",
}


class Skill(Answer):
    """A skill that somebody says they have."""

    id: int
    skill_tag: str


class CertificationAnswer(Answer):
    """A certificate; an admin has seen it when it is ``verified``."""

    id: int
    title: str
    issuer: str
    issued_on: str | None
    file_url: str | None
    verified: bool


class PublicPerson(Answer):
    """Somebody as strangers see them; ``last_name`` is one letter. Of the party of a booking of one's own that is paid
    it is whole, and there is a ``phone``."""

    model_config = example(_ASHA)

    id: str
    role: str
    first_name: str
    last_name: str
    phone: str | None = None
    avatar_url: str | None
    bio: str
    rating_avg: float | None
    rating_count: int
    reputation: float
    skills: list[Skill]
    certifications: list[CertificationAnswer]
    created_at: str


class PlaceAnswer(Answer):
    """A point on the globe, and what it is called."""

    label: str
    lat: float
    lng: float


class PayoutState(Answer):
    """The account to which somebody's share is transferred: none, under_review, needs_clarification or activated."""

    status: str
    account_id: str | None


class PersonAnswer(PublicPerson):
    """Somebody as they see themselves; times in UTC."""

    model_config = example(_HERSELF)

    email: str | None
    phone: str
    phone_verified: bool
    email_verified: bool
    location: PlaceAnswer | None
    gstin: str | None
    state: str | None
    payout: PayoutState
    notification_preferences: dict[str, dict[str, bool]]
    updated_at: str


class PersonOfAdmins(PersonAnswer):
    """Somebody as admins see them."""

    model_config = example({**_HERSELF, "is_blocked": False})

    is_blocked: bool


class AvatarAnswer(Answer):
    """Where the picture is."""

    model_config = example({"avatar_url": "/uploads/0123456789abcdef0123456789abcdef.jpg"})

    avatar_url: str


class AuditAnswer(Answer):
    """One act. ``metadata``: what changed, old and new, and the number of the request."""

    model_config = example(
        {
            "id": 12,
            "actor_id": "ADM000001",
            "action": "block",
            "target_type": "user",
            "target_id": "USR000021",
            "metadata": {"request_id": "0f3b8a5c7d1e2f40"},
            "created_at": "2026-11-24T06:11:09Z",
        }
    )

    id: int
    actor_id: str
    action: str
    target_type: str
    target_id: str
    metadata: dict[str, Any]
    created_at: str
