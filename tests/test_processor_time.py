"""What tests cost is counted where it is spent."""

import subprocess
import sys

from tests.processor_time import Account

BUSY = "import time\nwhile time.process_time() < 0.4: pass"


def test_the_time_of_a_process_that_a_test_starts_is_counted_for_its_file():
    account = Account()
    account.settle("before")
    subprocess.run([sys.executable, "-c", BUSY], check=True)
    account.settle("waiting")
    assert account.files["waiting"][1] >= 0.3  # the system counts whole ticks
    assert account.files["waiting"][0] < account.files["waiting"][1]


def test_the_most_costly_file_stands_first_after_the_sum():
    account = Account()
    for file, seconds in (("cheap", [1.0, 0.0, 9.0]), ("costly", [1.0, 2.0, 4.0]), ("cheap", [0.5, 0.0, 1.0])):
        account.add(file, seconds)
    assert [line.split() for line in account.lines()][1:] == [
        ["2.5", "2.0", "14.0", "(all)"],
        ["1.0", "2.0", "4.0", "costly"],
        ["1.5", "0.0", "10.0", "cheap"],
    ]
