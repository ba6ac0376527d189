"""Fields that only the bodies of vehicle services have."""

from typing import Annotated

from pydantic import StringConstraints

PERSON_ID = r"^(CST|MEC|ADM)[0-9]{6,12}$"
PersonId = Annotated[str, StringConstraints(pattern=PERSON_ID)]
