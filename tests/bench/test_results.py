"""A benchmark is believed: it must measure what was asked for and say what it found."""

from pathlib import Path

import orjson
import pytest

from bench.__main__ import CASES, OF_SERVICES, add_reads, chosen, environment
from bench.load import Measured
from bench.reads import Read, Result
from bench.results import Line, Results, Round, Side


def test_without_a_choice_everything_is_measured() -> None:
    assert chosen("") == list(CASES)


def test_a_word_stands_for_every_case_that_begins_with_it() -> None:
    assert chosen("moves") == [case for case in CASES if case.startswith("moves-")]
    assert chosen("webhooks, moves-16") == ["moves-16", "webhooks"]


def test_the_name_of_a_case_means_only_that_case() -> None:
    assert chosen("moves-1") == ["moves-1"]


def test_a_case_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(SystemExit, match=r"no such case: speed; there are .*webhooks"):
        chosen("webhooks speed")


@pytest.mark.parametrize("case", OF_SERVICES)
def test_local_services_are_installed_for_their_own_cases(case: str) -> None:
    assert "kinds.local_services" in environment([case, "reads"])["REVCARE_KINDS"].split(",")


def test_visits_are_measured_in_a_stack_without_another_kind() -> None:
    assert "REVCARE_KINDS" not in environment([case for case in CASES if case not in OF_SERVICES])


def test_a_side_is_the_median_of_its_rounds() -> None:
    rounds = [Round(100, seconds, {"api": seconds / 2, "mongodb": 0.0001}) for seconds in (1.0, 2.0, 50.0)]
    side = Side.of("product", rounds)
    assert side.rate == 50
    assert side.processor_ms == {"api": 10.0}
    assert side.rounds == [100, 50, 2]


def test_processor_time_of_the_one_that_asks_is_not_counted() -> None:
    side = Side.of("product", [Round(10, 1.0, {"api": 0.02, "worker": 0.03, "bench": 0.5})])
    assert side.together() == pytest.approx(5.0)
    assert side.together("worker") == pytest.approx(3.0)


def test_the_table_says_what_was_wanted_and_whether_it_was_kept(tmp_path: Path) -> None:
    results = Results()
    results.add(
        Line("moves-16", "versions a second", "20.0", "bare Temporal 50.0", 0.4, ">= 0.33", True),
        Line("webhooks", "p99, ms", "150", "", None, "<= 100", False),
        Line("memory", "KiB", "90"),
    )
    rows = results.table().splitlines()[2:]
    assert [row.split()[-1] for row in rows] == ["kept", "kept", "90"]
    assert "not kept" in rows[1]
    assert "0.4" in rows[0]
    results.write(tmp_path / "figures" / "one.json")
    written = orjson.loads((tmp_path / "figures" / "one.json").read_bytes())
    assert [line["kept"] for line in written["lines"]] == [True, False, None]
    assert written["machine"]["cores"] >= 1


def test_a_read_is_judged_by_its_processor_time_beside_the_bare_reply() -> None:
    def read(name: str, limit: float | None, used: float) -> Result:
        return Result(
            Read(name, limit, ["/"]), 2, [Measured(100, 1.0, used)] * 3, [Measured(100, 1.0, 0.01)] * 3, [0.0]
        )

    results = Results()
    add_reads([read("detail", 3.0, 0.02), read("list", 2.5, 0.04), read("dashboard", None, 0.5)], results)
    assert [(line.what, line.figure, line.ratio, line.kept) for line in results.lines] == [
        ("detail: us of the API", "200", 2.0, True),
        ("list: us of the API", "400", 4.0, False),
        ("dashboard: us of the API", "5000", 50.0, None),
    ]
