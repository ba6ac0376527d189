"""What a login and a refresh are sent as: a form or a cookie, and for apps JSON as well."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Cookie, Form, Request
from fastapi.exceptions import RequestValidationError
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, create_model

from api.auth.login_by import LoginBy
from api.auth.password_rules import LONGEST_TYPED
from api.schemas.fields import Body

_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"
_CODE = "Of the second factor, where there is one"
LONGEST_TOKEN = 2000


@dataclass(frozen=True, slots=True)
class Login:
    """What was entered; the name is what the kind logs in by, the code of a second factor."""

    name: str
    password: str
    code: str | None


@dataclass(frozen=True, slots=True)
class LoginReader:
    """How a kind's login is read: a dependency, and what the document says of the body where that does not tell."""

    read: Callable[..., Awaitable[Login]]
    documented: dict[str, Any] | None = None


def form_of(login_by: LoginBy) -> LoginReader:
    """The form of OAuth2's password flow, and a code; the username is what people log in by."""

    async def entered(
        username: Annotated[str, Form(min_length=1, max_length=login_by.longest, examples=[login_by.example])],
        password: Annotated[str, Form(min_length=1, max_length=LONGEST_TYPED, examples=["Password@123"])],
        grant_type: Annotated[str | None, Form(max_length=20)] = None,
        code: Annotated[str | None, Form(max_length=40, description=_CODE)] = None,
    ) -> Login:
        return Login(login_by.entered(username), password, code)

    return LoginReader(entered)


def form_or_json_of(login_by: LoginBy) -> LoginReader:
    """The same form, or an object that names what people log in by as it is called: ``{phone, password}``."""
    by_name = str(login_by)
    typed = {"min_length": 1, "max_length": login_by.longest, "examples": [login_by.example]}
    model = create_model(
        "LoginBody",
        __base__=_LoginBody,
        name=(str, Field(validation_alias=AliasChoices(by_name, "username"), **typed)),  # type: ignore[call-overload]
    )

    async def entered(request: Request) -> Login:
        if "json" in request.headers.get("content-type", ""):
            body: Any = _valid(model.model_validate_json, await request.body())
        else:
            async with request.form() as form:
                body = _valid(model.model_validate, dict(form))
        return Login(login_by.entered(body.name), body.password, body.code)

    shape = _LoginBody.model_json_schema()
    shape["properties"] = {by_name: {"type": "string", "minLength": 1, **_examples(login_by)}, **shape["properties"]}
    shape["required"] = [by_name, "password"]
    form = {**shape, "properties": {**shape["properties"]}, "required": ["username", "password"]}
    form["properties"]["username"] = form["properties"].pop(by_name)
    content = {_FORM: {"schema": form}, _JSON: {"schema": shape}}
    return LoginReader(entered, {"requestBody": {"required": True, "content": content}})


class _LoginBody(BaseModel):
    """A login as JSON."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    password: str = Field(min_length=1, max_length=LONGEST_TYPED, examples=["Password@123"])
    code: str | None = Field(None, max_length=40, description=_CODE)


class RefreshBody(Body):
    """The refresh token of who keeps no cookies."""

    refresh_token: Annotated[str, Field(min_length=1, max_length=LONGEST_TOKEN)]


async def from_cookie(refresh_token: Annotated[str | None, Cookie(max_length=LONGEST_TOKEN)] = None) -> str | None:
    """The refresh token of the cookie."""
    return refresh_token


async def from_body_or_cookie(
    body: RefreshBody | None = None, refresh_token: Annotated[str | None, Cookie(max_length=LONGEST_TOKEN)] = None
) -> str | None:
    """The refresh token of the body; without one that of the cookie."""
    return body.refresh_token if body else refresh_token


def _valid(read: Callable[[Any], Any], sent: Any) -> Any:
    try:
        return read(sent)
    except ValidationError as wrong:
        found = [
            {**each, "loc": ("body", *each["loc"])} for each in wrong.errors(include_input=False, include_url=False)
        ]
        raise RequestValidationError(found) from None


def _examples(login_by: LoginBy) -> dict[str, Any]:
    return {"maxLength": login_by.longest, "examples": [login_by.example]}
