"""`mockaxle fault add`, `list` and `clear`."""

import json
from pathlib import Path

import pytest

from mockaxle.cli.fault import KINDS, add
from mockaxle.world.commands.faults import AddFault
from tests.cli.test_freeze import here
from tests.cli.test_serve import run
from tests.control.controlling import Controller, controller

__all__ = ["controller"]
SITES = "GET /entities/site"


def test_a_fault_is_added_listed_and_removed(controller: Controller) -> None:
    done = run("fault", "add", "status", "--status", "502", "--operation", SITES, "--nth", "2", *here(controller))
    assert (done.returncode, done.stdout) == (0, "f1\n")
    assert [controller.call("GET", "/entities/site").status_code for _ in range(2)] == [200, 502]
    listed = run("fault", "list", *here(controller)).stdout
    assert listed == f"f1  status  met 2  affected 1  operation={SITES}  nth=2  status=502\n"
    assert run("fault", "clear", "f1", *here(controller)).stdout == "removed f1\n"
    assert run("fault", "list", *here(controller)).stdout == "no faults\n"


def test_all_faults_are_removed_at_once(controller: Controller) -> None:
    for kind in ("status", "reset"):
        controller.done("POST", "/faults", {"kind": kind, "path": "/nowhere"})
    assert run("fault", "clear", *here(controller)).stdout == "removed all faults\n"
    assert controller.done("GET", "/faults")["faults"] == []


def test_json_is_the_answer_of_control(controller: Controller) -> None:
    options = ("--latency-ms", "1", "--moment", "after", "--probability", "0.5", "--json")
    assert json.loads(run("fault", "add", "latency", *options, *here(controller)).stdout) == {"id": "f1"}
    listed = json.loads(run("fault", "list", "--json", *here(controller)).stdout)
    assert listed == controller.done("GET", "/faults")
    assert (listed["faults"][0]["moment"], listed["faults"][0]["probability"]) == ("after", 0.5)
    assert json.loads(run("fault", "clear", "f1", "--json", *here(controller)).stdout) == {}


def test_every_field_of_a_fault_is_an_option_and_every_kind_is_in_the_help() -> None:
    options = {str(param.name) for param in add.params}
    assert AddFault.model_fields.keys() <= options
    assert add.help
    assert all(kind in add.help for kind in KINDS)
    page = (Path(__file__).parents[2] / "docs" / "faults.md").read_text(encoding="utf-8")
    assert all(kind in page for kind in KINDS)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (("add", "statsu"), "there is no kind of fault 'statsu'; did you mean 'status'?"),
        (("add", "zzz"), "there is no kind of fault 'zzz'; the kinds are status, rate_limit"),
        (("add", "status", "--operation", "GET /entities/sit"), "did you mean 'GET /entities/site'?"),
        (("add", "status", "--probability", "nan"), "probability: must be a finite number"),
        (("add", "reset", "--calls", "3"), "a fault of kind reset has no field calls"),
        (("add", "rate_limit"), "a fault of kind rate_limit needs calls, per_seconds"),
        (("add", "status", "--nth", "first"), "'first' is not a valid integer"),
        (("clear", "f9"), "There is no fault 'f9'"),
        (("clear", ""), "the ID is empty"),
        (("clear", ".."), "There is no fault '..'"),
        (("clera",), "did you mean 'clear'?"),
    ],
)
def test_an_error_is_one_line(controller: Controller, wrong: tuple[str, ...], words: str) -> None:
    done = run("fault", *wrong, *([] if wrong == ("clera",) else here(controller)))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert words in done.stderr
