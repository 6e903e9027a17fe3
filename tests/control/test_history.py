"""Reading the log: filters, and why an answer was what it was."""

import asyncio
import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from starlette.requests import Request as HttpRequest

from mockaxle.contract.document import load_contract
from mockaxle.control.endpoint import ControlCall
from mockaxle.control.log_handlers import LogHandlers
from mockaxle.core.limits import MAX_LARGE_BODY
from mockaxle.core.outbox import Outbox
from mockaxle.world.entries import Command, Entry
from mockaxle.world.log import Log
from tests.calling import NIGHT, onboarding
from tests.control.controlling import Controller

AT = datetime(2026, 1, 20, tzinfo=UTC)
PAUSE = {"proposition": "limited_pause"}


def site(controller: Controller) -> str:
    id: str = controller.call("POST", "/entities/site/onboard", onboarding()).json()["site"]["site_id"]
    return id


def entries(controller: Controller, query: str = "") -> list[Any]:
    found: list[Any] = controller.done("GET", f"/log{query}")["entries"]
    return found


def test_exchanges_and_commands_are_listed_in_order(controller: Controller) -> None:
    site(controller)
    controller.done("PATCH", "/settings", {"pause_minutes": 60})
    log_in, onboarded, command = entries(controller)
    assert log_in["operation"] == "POST /auth/token-form"
    assert (onboarded["number"], onboarded["status"], onboarded["rules"]) == (2, 200, ["L0", "U1"])
    assert (command["command"], command["body"]) == ("PATCH /settings", {"pause_minutes": 60})


def test_entries_are_found_by_operation_status_site_and_text(controller: Controller) -> None:
    site_id = site(controller)
    controller.call("GET", f"/entities/site/{site_id}")
    controller.call("GET", "/entities/site/00000000-0000-4000-8000-000000000000")
    operation = "?operation=GET%20/entities/site/{site_id}"
    assert [entry["status"] for entry in entries(controller, operation)] == [200, 404]
    assert [entry["number"] for entry in entries(controller, f"{operation}&status=404")] == [4]
    assert [entry["number"] for entry in entries(controller, f"?site={site_id}")] == [2, 3]
    assert [entry["number"] for entry in entries(controller, "?text=wallbox-7&limit=1")] == [2]
    assert entries(controller, "?text=nothing") == []
    assert controller.control("GET", "/log?limit=0").status_code == 422


def test_a_withdrawals_refusal_names_the_entry_that_caused_it(controller: Controller) -> None:
    site_id = site(controller)
    for call in ("unenrol", "unenrol", "enrol"):
        controller.call("POST", f"/entities/site/{site_id}/{call}", PAUSE)
    entry = controller.done("GET", "/log/5")
    assert entry["response"]["status"] == 422
    explanation = entry["explanation"]
    assert explanation["cause"] == "withdrawn by entry 3"
    assert [(rule["id"], rule["grade"]) for rule in explanation["rules"]] == [("L5", "D+M")]
    assert "override_withdrawal" in explanation["hint"]


def test_leaving_another_method_is_not_the_cause(controller: Controller) -> None:
    site_id = site(controller)
    path = f"/entities/site/{site_id}"
    other = {"dispatch_methods": ["vpp_limited_control"]}
    for call, body in (
        ("unenrol", PAUSE),
        ("dispatch-consent", other),
        ("dispatch-deconsent", other),
        ("enrol", PAUSE),
    ):
        controller.call("POST", f"{path}/{call}", body)
    controller.call("POST", f"{path}/unenrol", PAUSE)
    assert controller.done("GET", "/log/6")["explanation"]["cause"] == "withdrawn by entry 3"


def test_a_text_is_looked_for_in_what_was_said(controller: Controller) -> None:
    site(controller)
    controller.done("PATCH", "/settings", {"pause_minutes": 60})
    assert [entry["number"] for entry in entries(controller, '?text="limited_pause"')] == [2]
    assert [entry["number"] for entry in entries(controller, "?text=pause_minutes")] == [3]
    assert entries(controller, "?text=principal") == []


def test_a_flood_of_unknown_keys_is_cut(controller: Controller) -> None:
    body = onboarding() | {f"key{'x' * 200}{number}": 1 for number in range(2000)}
    controller.call("POST", "/entities/site/onboard", body)
    assert len(controller.done("GET", "/log/2")["unknown_keys"]) == 100


def test_an_unchanged_schedule_is_explained(controller: Controller) -> None:
    body = controller.call("POST", "/entities/site/onboard", onboarding()).json()
    controller.done("DELETE", "/market/windows/night")
    path = f"/entities/asset/{body['assets'][0]['asset_id']}/event/plug-in-schedule"
    controller.call("POST", path, {"charging_schedule": NIGHT})
    entry = controller.done("GET", "/log/4")
    assert entry["explanation"]["hint"] == "Unchanged: no flex window overlaps a block of the schedule."
    assert entry["request"]["body"].startswith('{"charging_schedule"')


@pytest.mark.rule("G9")
def test_unknown_keys_are_named_with_the_nearest_known_one(controller: Controller) -> None:
    body = onboarding(override_withdrawl=True, colour="red")
    body["assets"] = [{**body["assets"][0], "propertys": {}}]
    body["site"]["post_code"] = "M1 1AE"
    controller.call("POST", "/entities/site/onboard", body)
    assert controller.done("GET", "/log/2")["unknown_keys"] == [
        {"place": "/site/post_code", "nearest": "postcode"},
        {"place": "/assets/0/propertys", "nearest": "properties"},
        {"place": "/override_withdrawl", "nearest": "override_withdrawal"},
        {"place": "/colour", "nearest": None},
    ]
    controller.client.post("/entities/site/onboard", content=b"[" * 50_000, headers=controller.bearer)
    assert controller.done("GET", "/log/3")["unknown_keys"] == []


def send_packed(controller: Controller, body: bytes) -> None:
    headers = {**controller.bearer, "Content-Encoding": "gzip"}
    controller.client.post("/data/readings", content=body, headers=headers)


def test_unknown_keys_of_a_packed_body_are_named(controller: Controller) -> None:
    text = json.dumps({"readings": [{"asset": "x", "lable": "y"}]}).encode()
    send_packed(controller, gzip.compress(text))
    found = controller.done("GET", "/log/2")["unknown_keys"]
    assert {"place": "/readings/0/lable", "nearest": "label"} in found


@pytest.mark.parametrize("body", [b"no gzip", gzip.compress(bytes(MAX_LARGE_BODY + 1))], ids=["broken", "too large"])
def test_a_body_that_cannot_be_unpacked_has_no_unknown_keys(controller: Controller, body: bytes) -> None:
    send_packed(controller, body)
    assert controller.done("GET", "/log/2")["unknown_keys"] == []


@pytest.mark.parametrize("number", ["99", "0", "01", "-1", "x", "9" * 5000, "\u0661"])
def test_an_entry_that_is_not_there_is_404(controller: Controller, number: str) -> None:
    assert controller.control("GET", f"/log/{number}").status_code == 404


class CountingWalks(Log[int]):
    """A log that counts how often its entries are walked through."""

    walks = 0

    def __iter__(self) -> Iterator[Entry]:
        self.walks += 1
        return super().__iter__()


def test_one_entry_is_found_without_walking_through_the_log() -> None:
    log = CountingWalks(0)
    for number in range(200):
        log.append(Command(AT, AT, f"PUT /{number}", {}, {}), before=number)
    handlers = LogHandlers(load_contract())
    request, path = HttpRequest({"type": "http"}), {"number": "150"}
    world = SimpleNamespace(state=SimpleNamespace(outbox=Outbox()))
    call = ControlCall(
        request, b"", "acme", cast(Any, SimpleNamespace(log=log, world=world)), cast(Any, None), "", path
    )
    answer = asyncio.run(handlers.get_entry(call))
    assert json.loads(bytes(answer.body))["key"] == "PUT /149"
    assert log.walks == 0


def test_no_secret_is_shown(controller: Controller) -> None:
    text = "".join(controller.control("GET", f"/log/{number}").text for number in (1, 2))
    assert "secret" not in text
    assert controller.bearer["Authorization"].split()[1] not in text
