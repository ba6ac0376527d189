"""Mail addresses in the form that every mail server takes: ASCII, the domain in its own encoding (``xn--``)."""

from email_validator import EmailNotValidError, validate_email

from domain.errors import Invalid


def mail_address(text: str) -> str:
    """The address as it is kept and sent: stripped, the domain in lower case and ASCII.

    Raises:
        Invalid: it is none, or has letters beyond ASCII before the @, which most mail servers cannot deliver to.
    """
    try:
        found = validate_email(text.strip(), allow_smtputf8=False, check_deliverability=False, test_environment=True)
    except EmailNotValidError as wrong:
        raise Invalid(str(wrong)) from None
    return found.ascii_email or found.normalized


def with_ascii_domain(address: str) -> str:
    """An address that was kept before domains were: what is before the @ stays, and so does what is no domain."""
    if address.isascii():
        return address
    name, _, domain = address.rpartition("@")
    try:
        return f"{name}@{mail_address(f'x@{domain}').removeprefix('x@')}"
    except Invalid:
        return address
