"""What fields of answers are made of: amounts, moments and dates as they are on the wire."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

Rupees = Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]{2}$", description="Rupees", examples=["1650.00"])]
Percent = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]{1,2})?$", examples=["18"])]
Currency = Literal["INR"]
Moment = Annotated[datetime, Field(description="UTC", examples=["2026-11-24T06:11:09Z"])]
Day = Annotated[date, Field(description="Local to the shop", examples=["2026-11-24"])]
Clock = Annotated[str, Field(pattern=r"^[0-9]{2}:[0-9]{2}$", description="Local to the shop", examples=["08:00"])]
BookingId = Annotated[int, Field(examples=[1021])]
CustomerId = Annotated[str, Field(examples=["CST000210"])]
Url = Annotated[str, Field(description="A path of this API, or an address on the web")]
