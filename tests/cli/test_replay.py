"""`mockaxle export` and `mockaxle replay`."""

from pathlib import Path

import pytest

from mockaxle.recordings.jsonl import read_recording
from mockaxle.world.entries import Exchange
from tests.cli.test_serve import run
from tests.hostile.test_recordings import lines
from tests.recordings.lives import Partner
from tests.serving import Served, serving


def exported(served: Served, username: str, folder: Path) -> Path:
    done = run("export", "--url", served.base_url, "--username", username)
    assert (done.returncode, done.stderr) == (0, "")
    file = folder / "life.jsonl"
    file.write_text(done.stdout, encoding="utf-8")
    return file


def test_a_recording_replays_here_and_elsewhere(served: Served, tmp_path: Path) -> None:
    with Partner(served.base_url, "recorded") as partner:
        partner.live()
        file = exported(served, "recorded", tmp_path)
    here = run("replay", str(file))
    assert (here.returncode, here.stderr) == (0, "")
    assert here.stdout.endswith(" entries compared, 0 different\n")
    with serving() as other:
        there = run("replay", str(file), "--url", other.base_url)
    assert there.returncode == 0, there.stdout
    assert "not compared, its answer came from a fault" in there.stderr
    *_, matched, compared = there.stdout.splitlines()
    assert matched.startswith("matched, not compared: ")
    assert " tokens" in matched
    assert compared.endswith(" entries compared, 0 different")


def test_another_answer_is_shown_and_gives_exit_code_1(served: Served, tmp_path: Path) -> None:
    with Partner(served.base_url, "altered") as partner:
        partner.call("GET", "/auth/users/me/")
        file = exported(served, "altered", tmp_path)
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('\\"username\\":\\"altered', '\\"username\\":\\"halted!'), encoding="utf-8")
    done = run("replay", str(file))
    assert done.returncode == 1
    assert 'GET /auth/users/me/\n  body: recorded {"username":"halted!"' in done.stdout
    assert done.stdout.endswith("1 different\n")


def test_it_writes_to_no_server_off_loopback_unless_an_option_allows_it(served: Served, tmp_path: Path) -> None:
    with Partner(served.base_url, "careful") as partner:
        partner.live()
        file = exported(served, "careful", tmp_path)
    done = run("replay", str(file), "--url", "https://192.0.2.1")
    assert done.returncode == 2
    assert "calls would write on 192.0.2.1; allow them with --allow-writes" in done.stderr


def test_a_file_that_is_no_recording_is_said_in_a_line(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("hello\n")
    done = run("replay", str(file))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "line 1 is not JSON" in done.stderr


def test_a_server_that_is_not_there_is_said_in_a_line(served: Served, tmp_path: Path) -> None:
    with Partner(served.base_url, "nobody home"):
        file = exported(served, "nobody home", tmp_path)
    done = run("replay", str(file), "--url", "http://127.0.0.1:1")
    assert (done.returncode, "no answer from http://127.0.0.1:1" in done.stderr) == (2, True)


def test_commands_change_something_too(served: Served, tmp_path: Path) -> None:
    with Partner(served.base_url, "commanding") as partner:
        partner.control("POST", "/clock/advance", {"by": "1m"})
        file = exported(served, "commanding", tmp_path)
    done = run("replay", str(file), "--url", "https://192.0.2.1")
    assert "1 call would write on 192.0.2.1" in done.stderr


def test_nothing_compared_is_no_success(served: Served, tmp_path: Path) -> None:
    with Partner(served.base_url, "silent") as partner:
        partner.control("POST", "/reset", {"what": ["log"]})
        file = tmp_path / "nothing.jsonl"
        file.write_text(partner.recording(), encoding="utf-8")
    done = run("replay", str(file), "--url", served.base_url)
    assert (done.returncode, "no entry could be compared" in done.stderr) == (2, True)


def test_an_edited_recording_is_refused_in_a_line(served: Served, tmp_path: Path) -> None:
    with Partner(served.base_url, "edited") as partner:
        partner.control("POST", "/clock/advance", {"by": "1m"})
        file = exported(served, "edited", tmp_path)
    text = file.read_text(encoding="utf-8")
    for old, new in (
        ('"key": "POST /clock/advance"', '"key": "POST /fly"'),
        ('"dropped": 0', '"dropped": "x"'),
        ("+00:00", ""),
    ):
        file.write_text(text.replace(old, new), encoding="utf-8")
        done = run("replay", str(file))
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert run("replay", str(file), "--url", "http://[::1").returncode == 2


FIELDS = [
    ('"status": 200', '"status": "200"', "response.status"),
    ('"query": ""', '"query": 1', "request.query"),
    ('"resumed": false', '"resumed": 0', "request.resumed"),
    ('"rules": ["A1"]', '"rules": [1]', "response.why.rules.0"),
    ('"token": 1,', '"token": "1",', "response.token"),
]


@pytest.mark.parametrize("where", [(), ("--url", "http://127.0.0.1:1")], ids=["here", "there"])
@pytest.mark.parametrize(("old", "new", "named"), FIELDS)
def test_a_field_of_a_wrong_type_is_named_in_a_line(
    tmp_path: Path, old: str, new: str, named: str, where: tuple[str, ...]
) -> None:
    file = tmp_path / "life.jsonl"
    file.write_text("\n".join(lines()[:2]).replace(old, new), encoding="utf-8")
    done = run("replay", str(file), *where)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert f"line 2 is not an entry of a log: {named}" in done.stderr


def test_a_world_or_a_command_that_nobody_could_send_is_refused_there_too(served: Served, tmp_path: Path) -> None:
    begun, log_in, command = lines()[:3]
    for number, text in (
        (1, [begun.replace('"tokens"', '"tickets"'), log_in]),
        (
            3,
            [
                begun,
                log_in,
                command.replace('"at"', '"by"').replace('"rate"', '"late"').replace("PUT /clock", "PUT /fly"),
            ],
        ),
        (3, [begun, log_in, command.replace("PUT /clock", "PUT /fly")]),
    ):
        file = tmp_path / "life.jsonl"
        file.write_text("\n".join(text), encoding="utf-8")
        done = run("replay", str(file), "--url", served.base_url, "--username", "hostile")
        assert (done.returncode, f"line {number} " in done.stderr, "Traceback" in done.stderr) == (2, True, False)


def test_an_export_leaves_its_own_log_in_out(served: Served, tmp_path: Path) -> None:
    with Partner(served.base_url, "exporting") as partner:
        partner.call("GET", "/auth/users/me/")
        entries = read_recording(exported(served, "exporting", tmp_path).read_text(encoding="utf-8")).entries
    assert [one.request.path for one in entries if isinstance(one, Exchange)] == ["/auth/token-form", "/auth/users/me/"]
