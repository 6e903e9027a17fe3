"""Snapshots under control."""

import pytest

from tests.calling import onboarding
from tests.control.controlling import Controller


def sites(controller: Controller) -> int:
    total: int = controller.call("GET", "/entities/site").json()["total_num_sites"]
    return total


def test_a_state_is_named_listed_brought_back_and_dropped(controller: Controller) -> None:
    taken = controller.done("POST", "/snapshots", {"name": "empty"})
    assert controller.done("GET", "/snapshots") == {"snapshots": [taken]}
    assert controller.call("POST", "/entities/site/onboard", onboarding()).status_code == 200
    assert controller.done("POST", "/snapshots/empty/restore")["sites"] == 0
    assert sites(controller) == 0
    controller.done("DELETE", "/snapshots/empty")
    assert controller.control("POST", "/snapshots/empty/restore").status_code == 409


def test_a_fork_is_a_world_of_its_own(controller: Controller) -> None:
    controller.call("POST", "/entities/site/onboard", onboarding())
    forked = controller.done("POST", "/fork", {"username": f"{controller.username}-b"})
    other = Controller(controller.client, forked["username"])
    assert sites(other) == 1
    other.done("POST", "/reset")
    assert (sites(other), sites(controller)) == (0, 1)
    assert controller.control("POST", "/fork", {"username": forked["username"]}).status_code == 409


def test_a_world_is_rewound_to_before_an_entry(controller: Controller) -> None:
    controller.call("POST", "/entities/site/onboard", onboarding())
    found = controller.done("GET", "/log?text=onboard")["entries"]
    controller.done("POST", "/rewind", {"before": found[0]["number"]})
    assert sites(controller) == 0
    last = controller.done("GET", "/log?newest_first=true")["entries"]
    assert [entry.get("command") for entry in last[:2]] == [None, "POST /rewind"]


@pytest.mark.parametrize(("path", "body"), [
    ("/snapshots", {}), ("/snapshots", {"name": ""}), ("/snapshots", {"name": "a/b"}),
    ("/rewind", {}), ("/rewind", {"before": 0}), ("/rewind", {"before": "1"}), ("/fork", {"snapshoot": "x"}),
])  # fmt: skip
def test_what_makes_no_sense_is_refused(controller: Controller, path: str, body: object) -> None:
    assert controller.control("POST", path, body).status_code == 422


def test_an_entry_that_is_not_there_is_no_place_to_go_back_to(controller: Controller) -> None:
    assert controller.control("POST", "/rewind", {"before": 10**6}).status_code == 409
