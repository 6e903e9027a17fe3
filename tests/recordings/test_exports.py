"""A log as a curl script, a pytest file and an HTTP archive, each of them used."""

import gzip
import json
import subprocess
from pathlib import Path

import httpx
import pytest

from mockaxle.app import create_app
from mockaxle.client.client import Client
from mockaxle.recordings.jsonl import read_recording
from mockaxle.recordings.older_tokens import REWIND
from mockaxle.recordings.sending import Sender
from mockaxle.serving.listener import serve_in_thread
from mockaxle.serving.settings import ServerSettings
from mockaxle.world.commands.row import Row
from mockaxle.world.commands.rows import ROWS
from mockaxle.world.entries import Command, Delivery, Exchange, Held
from tests.calling import onboarding
from tests.inner_pytest import PYTEST
from tests.programs import needed
from tests.recordings.lives import READING, Partner


def test_the_curl_script_lives_the_same_life_elsewhere(partner: Partner, elsewhere: str, tmp_path: Path) -> None:
    needed("curl")
    partner.live()
    script = tmp_path / "life.sh"
    script.write_text(partner.recording("curl"))
    done = subprocess.run(["sh", script, elsewhere], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    printed = [line.split()[1] for line in done.stdout.splitlines()]
    assert printed == statuses(partner)


def statuses(partner: Partner) -> list[str]:
    entries = read_recording(partner.recording()).entries
    sent = [entry for entry in entries if not isinstance(entry, Held | Delivery)]
    return ["200" if isinstance(entry, Command) else str(entry.response.status) for entry in sent]


def test_the_curl_script_stops_where_an_answer_is_another(partner: Partner, elsewhere: str, tmp_path: Path) -> None:
    needed("curl")
    partner.call("GET", "/entities/site")
    with Partner(elsewhere, partner.username) as other:
        other.control("POST", "/faults", {"kind": "status", "path": "/entities/site"})
    script = tmp_path / "life.sh"
    script.write_text(partner.recording("curl"))
    done = subprocess.run(["sh", script, elsewhere], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "expected 200; the answer was:" in done.stdout


def test_the_pytest_file_passes_elsewhere(partner: Partner, elsewhere: str, tmp_path: Path) -> None:
    partner.live()
    done = run_pytest(partner, elsewhere, tmp_path)
    assert done.returncode == 0, done.stdout


def test_the_pytest_file_fails_where_an_answer_is_another(partner: Partner, elsewhere: str, tmp_path: Path) -> None:
    partner.call("GET", "/entities/asset/external-id/x")
    with Partner(elsewhere, partner.username) as other:
        other.control("POST", "/faults", {"kind": "status", "status": 404, "detail": "gone", "path": "/entities/*"})
    assert run_pytest(partner, elsewhere, tmp_path).returncode == 1


def run_pytest(partner: Partner, url: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    file = folder / "test_life.py"
    file.write_text(partner.recording("pytest"))
    command = [*PYTEST, "-q", "--rootdir", str(folder), str(file)]
    return subprocess.run(command, env={"MOCKAXLE_URL": url}, capture_output=True, text=True, check=False)


def test_a_broken_connection_is_expected_to_break_again(partner: Partner, elsewhere: str, tmp_path: Path) -> None:
    partner.control("POST", "/faults", {"kind": "empty", "path": "/auth/users/me/", "count": 1})
    with pytest.raises(Exception, match="disconnected"):
        partner.call("GET", "/auth/users/me/")
    assert "with pytest.raises(httpx.TransportError):" in partner.recording("pytest")
    done = run_pytest(partner, elsewhere, tmp_path)
    assert done.returncode == 0, done.stdout
    script = tmp_path / "life.sh"
    script.write_text(partner.recording("curl"))
    done = subprocess.run(["sh", script, elsewhere], capture_output=True, text=True, check=False)
    assert " none GET /auth/users/me/" in done.stdout
    assert done.returncode == 0


def test_the_archive_has_each_call_with_its_answer_and_no_secret(partner: Partner) -> None:
    partner.live()
    archive = json.loads(partner.recording("har"))["log"]
    assert archive["version"] == "1.2"
    exchanges = [entry for entry in read_recording(partner.recording()).entries if isinstance(entry, Exchange)]
    assert [one["response"]["status"] for one in archive["entries"]] == [one.response.status for one in exchanges]
    assert all(one["request"]["url"].startswith("http://") for one in archive["entries"])
    assert partner.bearer["Authorization"].split()[1] not in json.dumps(archive)


def test_the_archive_says_which_calls_bore_a_token(partner: Partner) -> None:
    partner.live()
    page = partner.call("GET", f"/rewards/{onboarded(partner)}/url/balance?redirect_uri=x").json()
    partner.client.get(page["balance_withdrawal_url"])
    sent = [one["request"] for one in json.loads(partner.recording("har"))["log"]["entries"]]
    bore = [[h["value"] for h in one["headers"] if h["name"] == "Authorization"] for one in sent]
    opened = [one["url"].endswith("/auth/token-form") or "/auth/ext/" in one["url"] for one in sent]
    assert bore == [[] if is_open else ["Bearer redacted"] for is_open in opened]
    assert opened.count(True) == 4


def onboarded(partner: Partner) -> str:
    made = partner.call("POST", "/entities/site/onboard", onboarding()).json()
    return str(made["site"]["site_id"])


PAID_OUT = {
    "id": "00000000-0000-4000-8000-000000000002",
    "type": "withdrawal",
    "credit_pence": -100,
    "payment_status": "processing",
}
COMMANDED = [
    ("PUT", "/clock", {"at": "2030-01-20T12:00:00Z", "rate": 2.5}),
    ("POST", "/clock/advance", {"by": "1d2h3m4s"}),
    ("POST", "/clock/advance", {"to": "2031-01-20T12:00:00Z"}),
    ("PATCH", "/settings", {"style": "wire", "pause_minutes": 60}),
    (
        "POST",
        "/market/windows",
        {"from_time": "01:30", "to_time": "02:00", "timezone": "UTC", "price_gbp_per_mwh": 0.1},
    ),
    ("POST", "/market/windows", {"from_at": "2030-01-20T12:00Z", "to_at": "2030-01-20T13:00Z", "price_gbp_per_mwh": 7}),
    ("PATCH", "/market/windows/night", {"price_gbp_per_mwh": 12.25}),
    ("DELETE", "/market/windows/night", None),
    ("POST", "/market/prices", {"prices": [{"at": "2030-01-20T12:00:00Z", "price_gbp_per_mwh": -3.5}]}),
    ("DELETE", "/market/prices", None),
    (
        "POST",
        "/home-assistant-events",
        {"start_time": "2031-01-20T13:00:00Z", "end_time": "2031-01-20T14:00:00.5+00:00", "import_export": "import"},
    ),
    ("PATCH", "/home-assistant-events/ha1", {"end_time": "2031-01-20T15:00:00+01:00", "opted_out": True}),
    ("DELETE", "/home-assistant-events/ha1", None),
    ("POST", "/faults", {"kind": "status", "operation": "GET /entities/site", "probability": 0.25, "count": 3}),
    ("POST", "/faults", {"kind": "dribble", "path": "/entities/*"}),
    ("DELETE", "/faults/f1", None),
    ("DELETE", "/faults", None),
    ("PUT", "/awkwardness", {"kinds": ["extra", "unknown_enum"], "probability": 0.5, "beyond_contract": True}),
    ("PUT", "/awkwardness", {}),
    ("DELETE", "/awkwardness", None),
    ("POST", "/tokens/revoke", {"username": "nobody"}),
    ("PUT", "/clock", {"rate": 0}),
    ("POST", "/snapshots", {"name": "so far"}),
    ("POST", "/snapshots/so far/restore", {}),
    ("DELETE", "/snapshots/so far", None),
    ("POST", "/reset", {"what": ["market", "faults"]}),
    ("PUT", "/scenario", {"sites": [{"mpan": "1000000000012", "transactions": [PAID_OUT]}]}),
    ("POST", f"/withdrawals/{PAID_OUT['id']}", {"status": "failed"}),
]


def test_a_logged_command_that_is_sent_again_is_logged_as_the_same(partner: Partner, elsewhere: str) -> None:
    partner.control("PUT", "/clock", {"at": "2029-01-20T12:00:00Z", "rate": 0})
    for verb, path, body in COMMANDED:
        partner.control(verb, path, body)
    for row in further_rows(partner):
        verb, path = row.key.split()
        prepare(partner, row.key)
        partner.control(verb, path.format(name="evening"), row.example)
    with Partner(elsewhere, partner.username) as other:
        for command in commands(partner):
            prepare(other, command.key)
            other.control(command.verb, command.place, command.body)
        assert [sent(one) for one in commands(other)] == [sent(one) for one in commands(partner)]
    assert {one.key for one in commands(partner)} == {row.key for row in ROWS} - {REWIND}


def prepare(partner: Partner, key: str) -> None:
    """Make a home with a car that a dispatch can be for."""
    if key == "POST /dispatches":
        partner.log_in()
        body = onboarding(proposition="full_asset_schedule_control")
        assert partner.call("POST", "/entities/site/onboard", body).status_code == 200


def further_rows(partner: Partner) -> list[Row]:
    """The rows of which no call is written out above: they are called by their examples."""
    called = {command.key for command in commands(partner)}
    partner.control("POST", "/snapshots", {"name": "evening"})
    return [row for row in ROWS if row.key not in called and row.key != REWIND]


def test_a_move_of_a_withdrawal_that_began_by_a_link_is_left_out_elsewhere(partner: Partner, elsewhere: str) -> None:
    account = {"sort_code": "10-00-12", "account_ending": "5678"}
    site = {"mpan": "1000000000012", "balance_pence": 2000, "bank_account": account}
    partner.control("PUT", "/scenario", {"sites": [site]})
    site_id = partner.call("GET", "/entities/site").json()["sites"][0]["id"]
    page = partner.call("GET", f"/rewards/{site_id}/url/balance?redirect_uri=x").json()
    partner.client.post(page["balance_withdrawal_url"])
    (begun,) = partner.control("GET", "/withdrawals").json()["withdrawals"]
    partner.control("POST", f"/withdrawals/{begun['transaction_id']}", {"status": "approved"})
    with Client(elsewhere) as client:
        replayed = [*Sender(client, "other", "secret").replay(read_recording(partner.recording()))]
    assert [one.what for one in replayed if one.differences] == []
    assert replayed[-1].left == "its withdrawal began by a link, which is not kept"
    assert "/withdrawals/" not in partner.recording("curl") + partner.recording("pytest")


def commands(partner: Partner) -> list[Command]:
    return [entry for entry in read_recording(partner.recording()).entries if isinstance(entry, Command)]


def sent(command: Command) -> tuple[object, ...]:
    return command.key, command.path, command.body


def odd(partner: Partner) -> None:
    """What has broken scripts: quotes, NaN, surrogates, depth, packed bodies, pages, lost replies, older tokens."""
    partner.control("POST", "/reset", {"what": ["log"]})
    partner.control("PATCH", "/settings", {"style": "wire"})
    made = partner.call("POST", "/entities/site/onboard", onboarding()).json()
    site_id, asset_id = made["site"]["site_id"], made["assets"][0]["asset_id"]
    for content in (b'{"site": "\\ud800"}', b'{"a": NaN, "b": 1e999}', b"[" * 3000, b"\xff'\"{", b"{'it''s'}"):
        partner.client.post("/entities/site/onboard", content=content, headers=partner.bearer)
    partner.client.post("/auth/token-form", data={"username": ""})
    readings = json.dumps({"readings": [{**READING, "asset_id": asset_id}]}).encode()
    packed = {"Content-Type": "application/json", "Content-Encoding": "gzip", **partner.bearer}
    partner.client.post("/data/readings", content=gzip.compress(readings), headers=packed)
    partner.client.post("/data/readings", content=readings, headers={"Content-Type": "text/plain", **partner.bearer})
    partner.client.post("/entities/site/onboard?x={a,b,c}&y=[1]", content=b"{}", headers=partner.bearer)
    user = {"external_user_id": "u", "allowed_origin": "x", "gave_boundary_meter_consent_at": "2026-01-05T09:00:00Z"}
    partner.client.post("/auth/component-token", data=user, headers=partner.bearer)
    partner.control("POST", "/clock/advance", {"by": "1m"})
    page = partner.call("GET", f"/rewards/{site_id}/url/balance?redirect_uri=x").json()["balance_withdrawal_url"]
    partner.client.get(page)
    lost = {"kind": "cut", "moment": "after", "operation": "POST /entities/asset", "count": 1}
    partner.control("POST", "/faults", lost)
    battery = {"external_id": "battery", "type": "battery", "site_id": site_id}
    with pytest.raises(httpx.TransportError):
        partner.call("POST", "/entities/asset", battery)
    battery_id = partner.call("GET", "/entities/asset/external-id/battery").json()["id"]
    partner.call("DELETE", f"/entities/asset/{battery_id}")
    mark = len(read_recording(partner.recording()).entries)
    partner.call("DELETE", f"/entities/asset/{asset_id}")
    partner.control("POST", "/rewind", {"before": mark + 1})
    partner.call("GET", f"/entities/asset/{asset_id}")


def test_odd_lives_are_lived_again_in_every_form(partner: Partner, elsewhere: str, tmp_path: Path) -> None:
    needed("curl")
    odd(partner)
    done = run_pytest(partner, elsewhere, tmp_path)
    assert done.returncode == 0, done.stdout
    script = tmp_path / "life.sh"
    script.write_text(partner.recording("curl"))
    with serve_in_thread(create_app(ServerSettings(seed="third"))) as third:
        done = subprocess.run(["sh", script, third], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    with serve_in_thread(create_app(ServerSettings(seed="fourth"))) as fourth, Client(fourth) as client:
        replayed = list(Sender(client, None, "demo").replay(read_recording(partner.recording())))
    assert [one for entry in replayed for one in entry.differences] == []
    left = [entry.left for entry in replayed if entry.left]
    assert [reason.partition(":")[0] for reason in left] == [
        "it follows a link, which is not kept",
        "a fault broke it",
        "the entries that it undid are not in the recording",
    ]


def test_a_log_without_calls_is_a_file_all_the_same(partner: Partner, tmp_path: Path) -> None:
    partner.control("POST", "/reset", {"what": ["log"]})
    for format in ("pytest", "curl", "har", "jsonl"):
        assert partner.recording(format)
    assert run_pytest(partner, "http://127.0.0.1:1", tmp_path).returncode == 0
