"""Fields that only vehicle services have."""

from typing import Annotated

from pydantic import Field, StringConstraints

PERSON_ID = r"^(CST|MEC|ADM)[0-9]{6,12}$"
MechanicId = Annotated[str, Field(examples=["MEC000034"])]
PersonId = Annotated[str, StringConstraints(pattern=PERSON_ID)]
