"""Where each process of ``pytest -n`` begins."""

from pathlib import Path

from tests.collecting import begun_elsewhere


def files_of(folder: Path, **tests: int) -> Path:
    for name, number in tests.items():
        (folder / name).mkdir()
        for each in range(number):
            (folder / name / f"test_{each}.py").touch()
    (folder / "nothing").mkdir()
    (folder / "test_at_the_end.py").touch()
    return folder


def test_each_process_finds_all_and_begins_where_as_many_files_are_before_it_as_is_its_turn(tmp_path: Path):
    folder = files_of(tmp_path, a=2, b=4, c=1, d=4)
    begun = [[Path(word).name for word in begun_elsewhere(folder, number, 4)] for number in range(4)]
    assert [words[0] for words in begun] == ["a", "c", "c", "test_at_the_end.py"]
    assert {tuple(sorted(words)) for words in begun} == {("a", "b", "c", "d", "test_at_the_end.py")}


def test_one_process_begins_at_the_beginning(tmp_path: Path):
    assert [Path(word).name for word in begun_elsewhere(files_of(tmp_path, a=1), 0, 1)] == ["a", "test_at_the_end.py"]
