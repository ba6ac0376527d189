"""Profiles, as their people and admins write them."""

import re
from datetime import date
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from api.schemas.answers import example
from api.schemas.fields import Body, Day, Flag, Gstin, NoNul, Number, RowId, SecondLine, by_rule, few
from api.schemas.passwords import Entered
from api.schemas.people_fields import Mail, Text
from domain.indian_states import STATES, code_of_state
from domain.texts import long_text
from kinds.local_services.api.schemas.auth import RoleName
from kinds.local_services.domain.notices import TYPES
from kinds.local_services.postgres.profiles import Certificate

_TAG = re.compile("[a-z0-9 +-]{2,40}")
_UPLOAD = re.compile(r"/uploads/[0-9a-f]{32}\.(jpg|png|webp)|https://[^\s/?#@]+\.[^\s/?#@]+\S*")


def _tag(text: str) -> str:
    tag = " ".join(text.lower().split())
    if not _TAG.fullmatch(tag):
        raise ValueError("a skill is 2 to 40 letters a to z, digits, spaces, + or -")
    return tag


def _each_once(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _state(name: str) -> str:
    code = code_of_state(name)
    if code is None:
        raise ValueError("there is no such State")
    return STATES[code]


def _ours_or_https(address: str) -> str:
    if not _UPLOAD.fullmatch(address) or not address.isprintable():
        raise ValueError("a file is the path of an upload, or an https URL")
    return address


Bio = Annotated[str, StringConstraints(max_length=2000), by_rule(long_text, 0, 2000)]
Tag = Annotated[str, StringConstraints(max_length=80), AfterValidator(_tag)]
Tags = Annotated[list[Tag], Field(max_length=30), AfterValidator(_each_once)]
StateName = Annotated[str, StringConstraints(max_length=100), AfterValidator(_state)]
FileUrl = Annotated[str, StringConstraints(max_length=500), NoNul, AfterValidator(_ours_or_https)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False), Number]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False), Number]


class Place(Body):
    """A point on the globe (WGS 84), and what it is called."""

    label: Text
    lat: Latitude
    lng: Longitude


class CertificateBody(Body):
    """A certificate that somebody has."""

    title: Text
    issuer: Text
    issued_on: Day | None = None
    file_url: FileUrl | None = None

    @model_validator(mode="after")
    def _must_have_been_issued(self) -> Self:
        if self.issued_on is not None and not date(1900, 1, 1) <= self.issued_on <= date(2100, 12, 31):
            raise ValueError("issued_on is a day between 1900 and 2100")
        return self

    def certificate(self) -> Certificate:
        """As it is kept."""
        return Certificate(self.title, self.issuer, self.issued_on, self.file_url)


class Wanted(Body):
    """How somebody wants to be told of one thing; absent stays."""

    push: Flag | None = None
    email: Flag | None = None


class ProfileChange(Body):
    """What of oneself changes; absent stays, null clears what may be missing."""

    model_config = example({"bio": "Plumber since 2009", "skills": ["plumbing", "solar heating"]})
    clearable: ClassVar[frozenset[str]] = frozenset({"last_name", "email", "bio", "location", "gstin", "state"})

    first_name: Text | None = None
    last_name: SecondLine = None
    email: Mail | None = None
    bio: Bio | None = None
    location: Place | None = None
    gstin: Gstin | None = None
    state: StateName | None = None
    skills: Tags | None = None
    certifications: Annotated[list[CertificateBody] | None, Field(max_length=20)] = None
    notification_preferences: Annotated[dict[str, Wanted] | None, few(len(TYPES))] = None
    role: RoleName | None = None
    current_password: Entered | None = Field(None, description="Needed for another mail address of who has a password")

    @model_validator(mode="after")
    def _must_keep_what_is_needed(self) -> Self:
        for name in sorted(self.model_fields_set - self.clearable):
            if getattr(self, name) is None:
                raise ValueError(f"{name} cannot be empty")
        if unknown := sorted(set(self.notification_preferences or ()) - set(TYPES)):
            raise ValueError(f"there is no notification {unknown[0][:40]}")
        return self

    def columns(self) -> dict[str, Any]:
        """What changes of what every person has."""
        given = {"first_name": self.first_name, "last_name": self.last_name or "", "email": self.email}
        return {name: value for name, value in given.items() if name in self.model_fields_set}

    def profile(self) -> dict[str, Any]:
        """What changes of the profile. The State follows from a GSTIN."""
        found: dict[str, Any] = {}
        if "bio" in self.model_fields_set:
            found["bio"] = self.bio or ""
        if "location" in self.model_fields_set:
            place = self.location
            found |= {
                "location_label": place.label if place else None,
                "lat": place.lat if place else None,
                "lng": place.lng if place else None,
            }
        found |= {name: getattr(self, name) for name in ("gstin", "state") if name in self.model_fields_set}
        if self.gstin:
            found["state"] = STATES.get(self.gstin[:2])
        if self.notification_preferences is not None:
            found["notification_preferences"] = {
                kind: each.model_dump(exclude_none=True) for kind, each in self.notification_preferences.items()
            }
        return found


class UserChange(Body):
    """What an admin changes of somebody."""

    model_config = example({"is_blocked": True})

    is_blocked: Flag | None = None
    certifications_verified: Annotated[list[RowId] | None, Field(max_length=20)] = None

    @model_validator(mode="after")
    def _must_keep_what_is_needed(self) -> Self:
        for name in sorted(self.model_fields_set):
            if getattr(self, name) is None:
                raise ValueError(f"{name} cannot be empty")
        return self


class NewPayoutAccount(Body):
    """The account at Razorpay to which somebody's share is transferred, made in Razorpay's own onboarding."""

    model_config = example({"account_id": "acc_GRWKk7qQsLnDjX"})

    account_id: Annotated[str, StringConstraints(pattern="^acc_[A-Za-z0-9]{1,40}$")]
