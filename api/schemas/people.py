"""People as clients write them. Ids, roles and scopes are no fields: nobody sends them."""

from typing import Any, ClassVar, Self, TypeVar

from pydantic import Field, create_model, model_validator

from api.auth.password_rules import must_not_name
from api.schemas.answers import example
from api.schemas.fields import Body, SecondLine
from api.schemas.passwords import Entered
from api.schemas.people_fields import Mail, Password, Phone, Text
from domain.errors import Invalid
from domain.people import RoleSpec

PERSON = {"name": "Asha Rao", "phone": "9000020210", "email": "asha.rao@example.com"}


class _Named(Body):
    """``name``, or ``first_name`` and ``last_name``: the latter win."""

    name: Text | None = None
    first_name: Text | None = None
    last_name: SecondLine = None

    def _names(self) -> dict[str, str]:
        """The columns that the names go into."""
        if self.first_name is None and self.name is not None:
            first, _, last = self.name.partition(" ")
            return {"first_name": first, "last_name": last.strip()}
        given: dict[str, str | None] = {"first_name": self.first_name, "last_name": self.last_name or ""}
        return {name: value for name, value in given.items() if value is not None and name in self.model_fields_set}


class NewPerson(_Named):
    """Somebody new."""

    phone: Phone
    email: Mail

    @model_validator(mode="after")
    def _must_have_a_name(self) -> Self:
        if self.name is None and self.first_name is None:
            raise ValueError("name, or first_name and last_name, is needed")
        return self

    def columns(self) -> dict[str, Any]:
        """What is kept of them."""
        return {**self._names(), "phone": self.phone, "email": self.email}


class _WithPassword(NewPerson):
    """Somebody who may have a password from the beginning."""

    password: Password | None = None

    @model_validator(mode="after")
    def _must_not_have_a_password_that_all_know(self) -> Self:
        try:
            must_not_name(self.password or "", self.name, " ".join(self._names().values()), self.phone, self.email)
        except Invalid as fault:
            raise ValueError(fault.detail) from None
        return self

    @model_validator(mode="after")
    def _must_be_able_to_log_in(self) -> Self:
        if not self.password and not self.email:
            raise ValueError("a password is needed where there is no mail address to invite")
        return self


class NewCustomer(_WithPassword):
    """A registration."""

    model_config = example({**PERSON, "password": "Secret-123"})

    password: Password


class AddedCustomer(_WithPassword):
    """A customer whom an admin adds; without a password a mail asks them to choose one."""

    model_config = example({**PERSON})


class NewAdmin(_WithPassword):
    """A colleague; without a password a mail asks them to choose one."""

    model_config = example(
        {"first_name": "Akhil", "last_name": "Joseph", "email": "akhil@revcare.in", "phone": "9000000001"}
    )


P = TypeVar("P", bound=NewPerson)


def for_role(body: type[P], role: RoleSpec) -> type[P]:
    """The body in which people of a role are added: where they may do without a mail address, so may it."""
    return create_model(body.__name__, __base__=body, email=(Mail | None, None)) if role.email_optional else body


class PersonChange(_Named):
    """What of a person changes; absent stays, null clears ``last_name``."""

    model_config = example({"name": "Asha Rao-Menon"})
    clearable: ClassVar[frozenset[str]] = frozenset({"last_name"})

    phone: Phone | None = None
    email: Mail | None = None
    current_password: Entered | None = Field(None, description="Needed to change one's own phone or mail address")

    @model_validator(mode="after")
    def _must_keep_what_is_needed(self) -> Self:
        for name in sorted(self.model_fields_set - self.clearable):
            if getattr(self, name) is None:
                raise ValueError(f"{name} cannot be empty")
        return self

    def columns(self) -> dict[str, Any]:
        """What changes of what every person has."""
        given: dict[str, Any] = {"phone": self.phone, "email": self.email}
        return {**self._names(), **{name: given[name] for name in given if name in self.model_fields_set}}
