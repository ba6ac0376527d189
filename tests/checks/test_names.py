import pytest

from checks import names
from checks.files import REPOSITORY


@pytest.mark.long  # `make check` says the same
def test_every_name_here_is_a_word_of_the_field():
    assert names.problems(REPOSITORY) == []


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("api/desk.py", ""),
        ("api/static/door.js", ""),
        ("docs/decisions/0001-a-story.md", ""),
        ("api/a.py", "class FrontDesk: ..."),
        ("api/a.py", "def send_letter(): ..."),
        ("api/a.py", "async def sent(paper): ..."),
        ("api/a.py", "STORIES = 1"),
        ("api/a.py", "def __init__(self): self._courier = 1"),
        ("api/a.py", "from a import b as ticket"),
        ("api/a.py", "log.info('done', deed=1)"),
        ("api/a.py", "log.info('worker.deeds')"),
        ("api/a.py", "NAME = 'send-letter'"),
        ("api/a.py", "SQL = 'SELECT 1 FROM door_listeners'"),
        ("tests/test_a.py", "def test_a_story_ends(): ..."),
        ("api/static/a.js", "const deed = 1;"),
        ("api/static/a.css", "  --paper: #fff;"),
        ("api/templates/a.html", '<p id="door">'),
        ("api/templates/a.j2", "{{ mail.letter }}"),
        ("a.toml", "[tool.vault]"),
        ("a.yml", "  shelf: 1"),
        ("domain/tickets/a.py", ""),
        ("api/a.py", "SQL = 'SELECT * FROM tickets'"),
        ("api/a.py", "SQL = 'CREATE TABLE IF NOT EXISTS public.tickets (id int)'"),
        ("api/a.py", "try: ...\nexcept ValueError as letter: ..."),
        ("api/a.py", "match a:\n    case [letter]: ..."),
        ("api/a.py", "match a:\n    case [1, *letters]: ..."),
        ("api/a.py", "from a import letter"),
        ("a.json", '{"courier": 1}'),
        ("a.sh", "vault=1"),
        ("a.go", "func deed() {}"),
        ("a.go", "\tdeed := 1"),
        ("Makefile", "till: ready ## count"),
        ("Makefile", "DESK ?= 2"),
        ("Dockerfile", "ENV DESK=1"),
    ],
)
def test_a_forbidden_word_is_found_in_every_kind_of_name(plant, path, content):
    assert len(names.problems(plant(path, content))) == 1


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("api/a.py", '"""What a desk is."""\n# a story'),
        ("api/a.py", "from string import ascii_letters\nprint(ascii_letters)"),
        ("api/a.py", "TEXT = 'Brought to the door.'"),
        ("api/a.py", "history, letterhead, tilled, outdoors = 1, 2, 3, 4"),
        ("api/static/a.js", "// a story\nconst text = 'at the door';"),
        ("kinds/a/domain/a.py", "class Desk: ..."),
    ],
)
def test_prose_other_words_and_words_of_a_trade_are_not_refused(plant, path, content):
    assert names.problems(plant(path, content)) == []
