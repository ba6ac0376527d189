import pytest

from checks import trade_words
from checks.files import REPOSITORY


def test_the_engine_says_no_word_of_a_trade():
    assert trade_words.problems(REPOSITORY) == []


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("domain/people.py", "MECHANIC = 'worker'"),
        ("domain/people.py", "ROLE = 'mechanic'"),
        ("adapters/postgres/people/leaving.py", "FORGET = 'DELETE FROM customer_cars WHERE id = :id'"),
        ("adapters/documents/pdf.py", "def subject(facts): return facts.vehicle"),
        ("workflows/booking/base.py", "class PickupLeg: ..."),
        ("workflows/booking/base.py", "leg = 'drop'"),
        ("api/routes/payments.py", 'def own():\n    """None for a mechanic."""'),
        ("api/pages/templates/base.html", "<p>Your garage</p>"),
        ("adapters/mail/templates/text/parts.j2", "(recommended by our mechanic)"),
    ],
)
def test_a_word_of_a_trade_is_found_where_it_is_planted(plant, path, content):
    [problem] = trade_words.problems(plant(path, content))
    assert problem.startswith(f"{path}:")


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("kinds/a/domain/kind.py", "ROLE = 'mechanic'"),
        ("tests/a.py", "ROLE = 'mechanic'"),
        ("domain/kind.py", '"""A vehicle, for example."""'),
        ("adapters/backup/names.py", "def forget(table): table.drop('DROP TABLE scars')"),
        ("domain/temporal_ui.py", "NAME = 'BookingMechanic'"),
    ],
)
def test_what_may_say_it_is_left_alone(plant, path, content):
    assert trade_words.problems(plant(path, content)) == []


def test_what_is_allowed_is_still_there():
    for (place, name), reason in trade_words.ALLOWED.items():
        assert f'"{name}"' in (REPOSITORY / place).read_text(), reason
