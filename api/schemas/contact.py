"""Changes of phone and mail address, as clients take them back."""

from api.schemas.fields import Body
from api.schemas.passwords import LinkToken, NewPassword


class ContactUndo(Body):
    """The secret of the link that was mailed, and a new password for whoever may know the old one."""

    token: LinkToken
    new_password: NewPassword | None = None
