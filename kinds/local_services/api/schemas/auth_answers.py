"""What registrations, logins and codes answer."""

from api.schemas.answers import Answer
from api.schemas.auth import AccessToken
from kinds.local_services.api.schemas.people_answers import PersonAnswer


class UserAnswer(Answer):
    """Who it is about, as they are now."""

    user: PersonAnswer


class LoginAnswer(AccessToken):
    """Both tokens, for how many seconds the first is good, and the person. Browsers get the refresh token as an
    HttpOnly cookie too."""

    refresh_token: str
    expires_in: int
    user: PersonAnswer


class Verification(Answer):
    """The code that is on its way: where to, and until when it is good."""

    channel: str
    to: str
    expires_at: str


class RegistrationAnswer(LoginAnswer):
    """A login, and the code for the phone; null where none is sent."""

    verification: Verification | None


class IdentityProfile(Answer):
    """What a provider of logins told, to fill in a form with."""

    first_name: str
    last_name: str
    email: str | None


class BegunAnswer(Answer):
    """Nobody has that identity yet: register with this token within so many seconds."""

    registration_token: str
    expires_in: int
    profile: IdentityProfile
