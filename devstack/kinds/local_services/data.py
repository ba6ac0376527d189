"""A small market around Pune. Passwords are made when it is seeded and appear in no file of the repository."""

from typing import NamedTuple

GST_PERCENT = "18"

ADMIN = ("ADM000001", "Meera", "Kulkarni", "9841385301")
SEEKERS = (
    ("USR000021", "Asha", "Rao", "9000030021"),
    ("USR000022", "Vikram", "Joshi", "9000030022"),
    ("USR000023", "Sara", "Khan", "9000030023"),
    ("USR000024", "Nikhil", "Patil", "9000030024"),
)


class Category(NamedTuple):
    """A category; ``platform_pays_gst`` of those for which the law makes the platform pay."""

    name: str
    description: str
    icon: str
    sac: str
    platform_pays_gst: bool


CATEGORIES = (
    Category("House-keeping", "Homes cleaned, once or every week", "broom", "998533", True),
    Category("Plumbing", "Taps, drains, water heaters", "wrench", "998733", True),
    Category("Carpentry", "Doors, furniture, shelves", "saw", "998739", True),
    Category("Electrical work", "Wiring, fans, lights", "bolt", "995461", False),
    Category("Tuition", "Lessons at home or on line", "book", "999293", False),
    Category("Beauty", "Hair, nails and make-up at home", "scissors", "999722", False),
    Category("Gardening", "Lawns, pots and terraces", "leaf", "998597", False),
    Category("Photography", "Portraits and parties", "camera", "998381", False),
)


class Listing(NamedTuple):
    """What a provider offers; the price in paise, None for one that has to be offered."""

    category: str
    title: str
    unit: str
    price: int | None
    radius_km: float | None = 15


class Provider(NamedTuple):
    """A provider around ``lat``, ``lng``; ``account``: whether he can be paid out."""

    id: str
    first_name: str
    last_name: str
    phone: str
    place: str
    lat: float
    lng: float
    gstin: str | None
    account: bool
    listings: tuple[Listing, ...]


PROVIDERS = (
    Provider(
        *("USR000001", "Ravi", "Deshmukh", "9000030001", "Kothrud", 18.5074, 73.8077, None, True),
        (
            Listing("House-keeping", "Deep clean", "HOUR", 450_00),
            Listing("House-keeping", "Kitchen clean", "FIXED", 1_200_00),
            Listing("Gardening", "Terrace garden care", "HOUR", 350_00, 8),
        ),
    ),
    Provider(
        *("USR000002", "Sunita", "Pawar", "9000030002", "Aundh", 18.5590, 73.8070, None, True),
        (Listing("Beauty", "Haircut at home", "FIXED", 700_00), Listing("Beauty", "Bridal make-up", "QUOTE", None, 40)),
    ),
    Provider(
        *("USR000003", "Farhan", "Shaikh", "9000030003", "Camp", 18.5122, 73.8860, "27AAPFU0939F1ZV", True),
        (
            Listing("Electrical work", "Fan or light fitted", "FIXED", 500_00, 20),
            Listing("Electrical work", "Electrician by the hour", "HOUR", 600_00, 20),
            Listing("Electrical work", "A flat wired anew", "QUOTE", None, 30),
        ),
    ),
    Provider(
        *("USR000004", "Joseph", "Fernandes", "9000030004", "Viman Nagar", 18.5679, 73.9143, None, True),
        (
            Listing("Plumbing", "Plumber by the hour", "HOUR", 550_00, 12),
            Listing("Plumbing", "Tap changed", "FIXED", 400_00),
        ),
    ),
    Provider(
        *("USR000005", "Lakshmi", "Nair", "9000030005", "Baner", 18.5600, 73.7800, None, True),
        (
            Listing("Tuition", "Mathematics, classes 8 to 12", "HOUR", 800_00, None),
            Listing("Tuition", "English conversation", "HOUR", 650_00, None),
        ),
    ),
    Provider(
        *("USR000006", "Kiran", "Gaikwad", "9000030006", "Hadapsar", 18.5089, 73.9260, None, False),
        (
            Listing("Carpentry", "Carpenter by the hour", "HOUR", 500_00, 25),
            Listing("Photography", "An hour of portraits", "FIXED", 2_500_00, 60),
        ),
    ),
)
