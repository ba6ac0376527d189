"""The walk through the product against the product: every step names a file and a function that are there."""

import ast
import re
from string import ascii_lowercase

from checks.files import REPOSITORY, syntax_tree
from tests.of_every import of_every
from workers.queues import QUEUES, WorkerRole

WALK = (REPOSITORY / "docs/walk.md").read_text()
STEP = re.compile(r"^\| (\d+|[a-z]) \| .+ \| `([\w/.]+)` \| `([\w.]+)` \|$", re.MULTILINE)
STEPS = STEP.findall(WALK)
INDEX = WALK.split("## Where do I find ...?\n")[1].split("\n## ")[0]
PLACE = re.compile(r"`([\w./-]+\.py)`(?: `([\w.]+)`)?")
PLACES = [
    (question, path, name)
    for question, where in re.findall(r"^\| (.+?) \| (`.+?) \|", INDEX, re.MULTILINE)
    for path, name in PLACE.findall(where)
]


def defined(path: str) -> set[str]:
    """The functions of a module, and the methods of its classes with the class before them."""
    names = set()
    for node in syntax_tree(REPOSITORY / path).body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names.add(name)
            case ast.ClassDef(name=name, body=body):
                names |= {
                    f"{name}.{each.name}" for each in body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
                }
    return names


def test_the_steps_are_counted_without_a_gap():
    numbers = [int(number) for number, _, _ in STEPS if number.isdigit()]
    marks = "".join(number for number, _, _ in STEPS if number.isalpha())
    assert numbers == list(range(1, len(numbers) + 1))
    assert ascii_lowercase.startswith(marks)
    assert len(numbers) >= 20
    assert len(marks) >= 10


@of_every(STEPS)
def test_a_step_names_a_function_that_its_file_has(step):
    _, path, name = step
    assert name in defined(path)


def test_the_index_answers_questions_of_every_layer():
    assert len({question for question, _, _ in PLACES}) >= 20
    assert {path.split("/")[0] for _, path, _ in PLACES} >= {
        "activities",
        "adapters",
        "api",
        "domain",
        "kinds",
        "workflows",
    }


@of_every(PLACES)
def test_a_place_of_the_index_exists(place):
    _, path, name = place
    assert (REPOSITORY / path).is_file()
    assert not name or name in defined(path)


def test_every_recipe_that_is_asked_for_is_there():
    recipes = set(re.findall(r"^\| (a [a-z ]+) \|", WALK, re.MULTILINE))
    assert {"a deadline", "a mail", "a setting", "a field of a booking", "a route", "a kind"} <= recipes


def test_every_queue_and_role_is_drawn():
    drawing = WALK.split("```")[1]
    assert [queue for queue in QUEUES[WorkerRole.ALL] if f"queue {queue}" not in drawing] == []
    assert [role for role in WorkerRole if role is not WorkerRole.ALL and f'worker "{role}"' not in drawing] == []
