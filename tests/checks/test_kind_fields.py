import pytest

from checks import kind_fields
from checks.files import REPOSITORY

KIND = """
class RoleSpec:
    name: str
    greeting: str = ""

    def __post_init__(self):
        assert self.greeting

class Told:
    about: str

class BookingKind(Generic[B]):
    roles: tuple[RoleSpec, ...]
    view: Callable[[B, Told], Json]
"""
READER = "print([each.name for each in kind.roles], kind.view(booking, told))"


def test_all_that_a_kind_says_is_read_by_the_engine():
    assert kind_fields.problems(REPOSITORY) == []


def test_a_field_that_only_its_own_class_looks_at_is_found(plant):
    plant("domain/kind.py", KIND)
    [problem] = kind_fields.problems(plant("domain/views.py", READER))
    assert problem == "domain/kind.py:4: RoleSpec.greeting is asked of every kind, and nobody reads it"


@pytest.mark.parametrize(
    ("path", "content"),
    [("api/login.py", "say(role.greeting)"), ("kinds/cars/emails/hello.j2", "Hello {{ role.greeting }}")],
)
def test_a_field_that_the_engine_or_a_template_reads_is_none(plant, path, content):
    plant("domain/kind.py", KIND)
    plant("domain/views.py", READER)
    assert kind_fields.problems(plant(path, content)) == []


def test_a_field_that_only_kinds_and_tests_read_is_found(plant):
    plant("domain/kind.py", KIND)
    plant("domain/views.py", READER)
    plant("tests/test_kind.py", "print(role.greeting)")
    assert len(kind_fields.problems(plant("kinds/cars/rules.py", "print(role.greeting)"))) == 1
