"""`mockaxle rules`."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

from mockaxle.cli.rules import _lines
from mockaxle.contract import ledger
from mockaxle.contract.ledger import load_ledger, statements
from tests.cli.test_serve import run


def on_a_terminal(columns: int, *arguments: str) -> list[str]:
    """The lines that a command prints on a terminal of that width."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 200, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    command = [sys.executable, "-X", "utf8", "-m", "mockaxle.cli", *arguments]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, env=environment) as process:
        os.close(theirs)
        printed = bytearray()
        try:
            while piece := os.read(ours, 65536):
                printed += piece
        except OSError:  # the end of a pseudo-terminal is an error
            os.close(ours)
    assert process.returncode == 0
    return printed.decode().splitlines()


def test_a_rule_has_its_grade_source_statement_and_tests() -> None:
    done = run("rules", "G3")
    first, grade, source, _, statement, *_ = done.stdout.splitlines()
    assert (first, grade, source) == ("G3", "Grade:  D", "Source: documented by the vendor; quoted by others")
    assert statement == load_ledger()["G3"].statement.strip().splitlines()[0]
    assert all(f"  {test}\n" in done.stdout for test in ledger.tests_by_rule()["G3"])


def test_a_rule_has_its_statements_and_why_one_cannot_be_observed() -> None:
    lines = run("rules", "G8").stdout.splitlines()
    place = lines.index("Statements:")
    assert lines[place + 1] == "  G8a  O Unset optional fields come back as null."
    assert lines[place + 2] == '         not observable from outside: "probably": both forms are accepted'
    assert lines[place + 3].startswith("  G8b  O ")


def test_ids_may_be_in_any_case_and_several() -> None:
    done = run("rules", "f5", "c2")
    assert done.stdout.startswith("F5\nGrade:  M\nSource: decided by the mock\n\n")
    assert "\n\nC2\n" in done.stdout
    assert run("rule", "F5").stdout == run("rules", "F5").stdout


def test_a_rule_that_is_not_built_says_so() -> None:
    rule = load_ledger()["C2"]._replace(built=False)
    assert "C2 (not built)" in next(_lines(rule))


def test_without_an_id_all_rules_are_listed_by_their_first_sentences() -> None:
    lines = run("rules").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(load_ledger())
    assert lines[0] == "G1   D+O    Production and sandbox are two hosts with the same operations."


def test_a_list_fits_a_terminal() -> None:
    lines = on_a_terminal(60, "rules")
    assert len(lines) == len(load_ledger())
    assert max(map(len, lines)) == 60
    assert max(map(len, on_a_terminal(60, "rules", "C8")[4:6])) <= 60


def test_the_coverage_of_a_rule_names_suites_options_and_planted_faults() -> None:
    lines = run("rules", "E4", "--coverage").stdout.splitlines()
    assert lines[0] == "E4a  D  Another organisation's object is 404."
    assert re.fullmatch(r" +cases: .*auth \d+.*; needs .*--other-username.*; .*planted fault.*", lines[1])
    heads, *rows = lines[lines.index("") + 1 :]
    assert heads.split() == ["part", "statements", "observable", "judged", "planted", "found"]
    assert rows[-1].split()[:4] == ["all", "2", "2", "2"]


def test_the_coverage_of_the_ledger_has_every_documented_and_observed_statement() -> None:
    lines = run("rules", "--coverage").stdout.splitlines()
    named = [line.split()[0] for line in lines[: lines.index("")] if not line.startswith(" ")]
    assert named == [one.id for one in statements().values() if one.grade in "DO"]
    assert "         cannot be observed: a check sees one host" in lines


def test_an_unknown_id_is_refused_with_the_nearest() -> None:
    wrong = run("rules", "F5", "F99")
    assert (wrong.returncode, wrong.stdout, wrong.stderr) == (2, "", "mockaxle: no rule 'F99'; did you mean 'F9'?\n")
    far = run("rules", "wallbox")
    assert (far.returncode, far.stderr) == (2, "mockaxle: no rule 'wallbox'; `mockaxle rules` lists them\n")
