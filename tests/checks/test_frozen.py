"""A repository with a release, and what was stored there."""

import subprocess
from pathlib import Path

import pytest

from checks import frozen
from checks.files import REPOSITORY

GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org")
STORED = (
    "tests/histories/online.json",
    "tests/kinds/a/histories/first_run.json",
    "migrations/engine/v0001_bookings.py",
    "kinds/a/migrations/v0002_b.py",
)
FREE = ("docs/a.md", "migrations/command.py", "tests/histories/README.md")


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """A repository whose only release has files that are stored for ever, and others."""
    for name in (*STORED, *FREE):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("as released\n")
    for words in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "release")):
        subprocess.run([*GIT, *words], cwd=tmp_path, check=True)
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=tmp_path, check=True, capture_output=True, text=True)
    (tmp_path / "docs/releases.toml").write_text(
        f'[[release]]\nversion = "0.1.0"\ncommit = "{commit.stdout.strip()}"\n'
    )
    return tmp_path


def test_what_the_newest_release_stored_is_as_it_was():
    assert frozen.problems(REPOSITORY) == []


@pytest.mark.parametrize("name", STORED)
def test_a_stored_file_that_changed_or_is_gone_is_found(released, name):
    assert frozen.problems(released) == []
    (released / name).write_text("recorded anew\n")
    assert len(frozen.problems(released)) == 1
    (released / name).unlink()
    assert frozen.problems(released) == [
        f"since 0.1.0: {name} is stored; leave it as it was and add a new one beside it"
    ]


def test_other_files_change_and_new_ones_are_added(released):
    for name in (*FREE, "tests/histories/another.json", "migrations/engine/v0002_more.py"):
        (released / name).write_text("new\n")
    assert frozen.problems(released) == []


def test_a_commit_that_this_clone_does_not_have_is_a_problem(released):
    (released / "docs/releases.toml").write_text(f'[[release]]\nversion = "0.1.0"\ncommit = "{"0" * 40}"\n')
    assert len(frozen.problems(released)) == 1
