"""Receivers are configured by control; their secrets are shown once and never kept in what a world says of itself."""

from typing import Any

import pytest

from mockaxle.control.answers import ReceiverList
from tests.deliveries.partners import SECRET, Evening

HOOK: dict[str, Any] = {"url": "http://127.0.0.1:9000/hook", "kind": "webhooks"}


@pytest.mark.rule("N1")
def test_a_receiver_is_added_read_replaced_and_removed(evening: Evening) -> None:
    made = evening.controller.done("PUT", "/receivers/one", HOOK)
    assert (made.pop("secret")[:6], len(made)) == ("whsec_", 9)
    assert evening.controller.done("GET", "/receivers/one") == made
    changed = evening.controller.done("PUT", "/receivers/one", {**HOOK, "timeout_ms": 5, "secret": "mine"})
    assert (changed["timeout_ms"], "secret" in changed) == (5, False)
    ReceiverList.model_validate(evening.controller.done("GET", "/receivers"))
    assert evening.controller.done("GET", "/receivers") == {"receivers": [changed]}
    assert evening.controller.done("DELETE", "/receivers/one") == {}
    assert evening.controller.control("GET", "/receivers/one").status_code == 404
    assert evening.controller.control("DELETE", "/receivers/one").status_code == 409


@pytest.mark.rule("N1")
def test_a_made_secret_has_32_characters_and_is_another_each_time(evening: Evening) -> None:
    secrets = {evening.controller.done("PUT", f"/receivers/{n}", HOOK)["secret"] for n in range(10)}
    assert (len(secrets), {len(secret.removeprefix("whsec_")) for secret in secrets}) == (10, {32})
    refused = evening.controller.control("PUT", "/receivers/eleventh", HOOK)
    assert (refused.status_code, "10 receivers" in refused.json()["detail"]) == (409, True)
    assert evening.controller.control("PUT", "/receivers/1", HOOK).status_code == 200


@pytest.mark.rule("N1")
@pytest.mark.parametrize(
    ("name", "changes", "word"),
    [
        ("one", {"url": ""}, "url"),
        ("one", {"url": "ftp://127.0.0.1/"}, "http or https"),
        ("one", {"url": "http://127.0.0.1/" + "x" * 2_000}, "url"),
        ("one", {"kind": "schedules"}, "{asset_id}"),
        ("one", {"kind": "pigeons"}, "kind"),
        ("one", {"event_types": []}, "event_types"),
        ("one", {"event_types": ["schedule"]}, "vpp:dispatch:requested"),
        ("one", {"timeout_ms": 0}, "timeout_ms"),
        ("one", {"timeout_ms": 60_001}, "timeout_ms"),
        ("one", {"signed_at": "noon"}, "signed_at"),
        ("one", {"held": "yes"}, "held"),
        ("one", {"parallel": 17}, "parallel"),
        ("one", {"url": "http://127.0.0.1/{asset_id}"}, "kind schedules"),
        ("one", {"url": "http://127.0.0.1/{foo}/{asset_id}", "kind": "schedules"}, "{external_id}"),
        ("one", {"secret": ""}, "secret"),
        ("one", {"headers": {}}, "headers"),
        ("one", {"url": "http://partner.example/"}, "--receiver-host partner.example"),
        ("one", {"url": "https://api.axle.energy/"}, "vendor"),
        ("-one", {}, "name"),
        ("o" * 101, {}, "name"),
    ],
)
def test_a_wrong_receiver_is_refused_with_the_reason(
    evening: Evening, name: str, changes: dict[str, Any], word: str
) -> None:
    refused = evening.controller.control("PUT", f"/receivers/{name}", {**HOOK, **changes})
    assert (refused.status_code, word in refused.json()["detail"]) == (422, True), refused.text
    assert evening.controller.done("GET", "/receivers") == {"receivers": []}


@pytest.mark.rule("N2")
def test_the_mock_does_not_call_itself(evening: Evening) -> None:
    port = evening.controller.client.base_url.port
    for host in ("127.0.0.1", "localhost", "127.0.0.2", "[::1]", "[::ffff:127.0.0.1]"):
        refused = evening.controller.control("PUT", "/receivers/one", {**HOOK, "url": f"http://{host}:{port}/"})
        assert (refused.status_code, "this mock itself" in refused.json()["detail"]) == (422, True)


@pytest.mark.rule("N1", "N14")
def test_no_secret_is_in_what_a_world_says_of_itself(evening: Evening) -> None:
    evening.receive()
    evening.event()
    evening.advance()
    evening.controller.done("POST", "/snapshots", {"name": "late"})
    paths = ["/log?limit=1000", "/receivers", "/scenario", "/messages", "/snapshots", ""]
    paths += [f"/recording?format={format}" for format in ("jsonl", "har", "curl", "pytest")]
    said = [evening.controller.control("GET", path).text for path in paths]
    said += [evening.controller.control("GET", f"/log/{number}").text for number in range(1, 9)]
    assert not [text for text in said if SECRET in text]


@pytest.mark.rule("N1", "N14")
def test_held_messages_go_out_when_they_are_released(evening: Evening) -> None:
    evening.receive(held=True)
    evening.event()
    evening.advance("1h")
    assert (evening.statuses(), evening.partner.received) == (["held"], [])
    assert evening.controller.done("POST", "/messages/release") == {"released": 0}
    evening.receive()
    assert evening.controller.done("POST", "/messages/release") == {"released": 1}
    evening.advance()
    assert evening.statuses() == ["accepted"]


@pytest.mark.rule("N1")
def test_messages_to_a_receiver_of_a_scenario_are_held_until_it_has_a_secret(evening: Evening) -> None:
    url = evening.partner.url + "/hook"
    site = {"mpan": "1000000000012", "dispatch_methods": {"vpp_limited_control": "in"}}
    receivers = [{"name": "partner", "url": url, "kind": "webhooks"}]
    evening.controller.done("PUT", "/scenario", {"sites": [site], "receivers": receivers})
    site_id = evening.controller.call("GET", "/entities/site").json()["sites"][0]["id"]
    battery = {"external_id": "b", "type": "battery", "site_id": site_id, "properties": {"capacity_kwh": 10}}
    evening.controller.call("POST", "/entities/asset", battery)
    assert evening.statuses() == ["held"]
    assert evening.controller.done("GET", "/receivers/partner")["has_secret"] is False
    evening.receive(kind="webhooks")
    evening.advance()
    assert evening.statuses() == ["accepted"]


@pytest.mark.rule("N14")
@pytest.mark.parametrize("back", ["restore", "rewind"])
def test_nobody_is_called_by_surprise_after_the_past_is_back(evening: Evening, back: str) -> None:
    evening.partner.statuses = [500]
    evening.receive()
    evening.event()
    evening.advance()
    evening.controller.done("POST", "/snapshots", {"name": "early"})
    number = evening.controller.done("GET", "/log?limit=1000")["total"] + 1
    evening.advance("1h")
    calls = len(evening.partner.received)
    path, body = ("/snapshots/early/restore", {}) if back == "restore" else ("/rewind", {"before": number})
    evening.controller.done("POST", path, body)
    evening.partner.statuses = [200]
    evening.advance("1h")
    assert (evening.statuses(), len(evening.partner.received)) == (["held"], calls)
    evening.controller.done("POST", "/messages/release")
    evening.advance()
    assert (evening.statuses(), len(evening.partner.received)) == (["accepted"], calls + 1)


@pytest.mark.rule("N1")
def test_a_fork_and_a_dump_take_no_receivers_along_and_a_reset_keeps_them(evening: Evening) -> None:
    evening.receive(held=True)
    evening.event()
    fork = evening.controller.done("POST", "/fork", {})
    form = {"username": fork["username"], "password": fork["password"]}
    token = evening.controller.client.post("/auth/token-form", data=form).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    there = evening.controller.client.get("/__mockaxle/world/messages", headers=headers).json()["messages"]
    assert [(message["status"], message["receiver"]) for message in there] == [("kept", None)]
    assert evening.controller.client.get("/__mockaxle/world/receivers", headers=headers).json() == {"receivers": []}
    assert "receivers" not in evening.controller.control("GET", "/scenario").text
    evening.controller.done("POST", "/reset", {"what": ["state"]})
    assert [one["name"] for one in evening.controller.done("GET", "/receivers")["receivers"]] == ["partner"]
    assert evening.said() == []
