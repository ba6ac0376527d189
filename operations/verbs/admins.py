"""Admins who cannot help themselves."""

from functools import partial
from typing import Annotated

import typer
from pydantic import ValidationError

from adapters.postgres.database import Database
from adapters.postgres.kind_operations import Operations
from api.schemas.people import NewPerson, for_role
from domain.people import Role, RoleSpec
from operations import admins
from operations.starting import judged, with_kind
from production import Part
from settings import Settings

app = typer.Typer()


@app.command()
def add_admin(
    name: Annotated[str, typer.Option(help="as it is shown to others")],
    phone: Annotated[str, typer.Option(help="ten digits; they log in with it")],
    email: Annotated[str | None, typer.Option(help="where their mails go; some kinds do without")] = None,
    kind: Annotated[str | None, typer.Argument(help="as REVCARE_KIND names it")] = None,
    of_kind: Annotated[str | None, typer.Option("--kind", help="the same")] = None,
) -> None:
    """Make an admin. Prints the link with which they choose a password."""
    wanted = of_kind or kind
    if wanted is None or kind not in (None, wanted):
        raise ValueError("name one kind (--kind), as REVCARE_KIND names it")

    async def add(database: Database, found: Operations, settings: Settings) -> tuple[str, str]:
        person = _person(found.kind.role(Role.ADMIN), name, phone, email)
        return await admins.add_admin(database, found, settings, person)

    person_id, link = with_kind(judged(Part.INVITATIONS, [wanted]), wanted, add)
    print(f"{person_id} chooses a password at {link}")


@app.command()
def reset_second_factor(
    kind: Annotated[str, typer.Argument(help="as REVCARE_KIND names it")],
    admin: Annotated[str, typer.Argument(help="the id, as ADM000012")],
) -> None:
    """Take the second factor of an admin off. For one who has lost phone and recovery codes."""

    told = with_kind(judged(), kind, partial(admins.reset_and_tell, admin))
    print(f"{admin} has no second factor any more, and is logged out everywhere; {told}")


def _person(role: RoleSpec, name: str, phone: str, email: str | None) -> NewPerson:
    given = {"name": name, "phone": phone, **({"email": email} if email is not None else {})}
    try:
        return for_role(NewPerson, role).model_validate(given)
    except ValidationError as refused:
        told = [f"{each['loc'][0] if each['loc'] else 'name'}: {each['msg']}" for each in refused.errors()]
        raise ValueError("; ".join(told)) from None
