"""The benchmark's own parts work; its figures are for `make bench`."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from subprocess import DEVNULL
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from benchmarks import growth, holds, load, others, page, pauses, run, soak, throughput
from benchmarks.calls import calls_of
from benchmarks.chart import growth_chart
from benchmarks.load import Call
from benchmarks.part import Aim, Part
from benchmarks.servers import MOCK, Account, running
from benchmarks.spread import Spread
from tests.programs import needed

MACHINE = page.Machine("A processor", 2, "Debian 12", "6.1", {"Python": "3.11.2", "uvicorn": "0.53.0"})


def test_the_bare_function_loads_nothing_of_the_api() -> None:
    code = "import sys, benchmarks.bare; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"pydantic", "mockaxle.serving.asgi", "mockaxle.server.surface"} & set(done.stdout.split())


def test_what_a_call_costs_is_measured_at_each_size(capsys: pytest.CaptureFixture[str]) -> None:
    part = growth.report((20, 40))
    assert part.lines.keys() == {"GET a site", "onboard", "last page"}
    assert all(costs.keys() == {20, 40} and min(costs.values()) > 0 for costs in part.lines.values())
    assert [aim.aim for aim in part.aims] == [growth.AIM]
    assert capsys.readouterr().err.split("\n") == ["  20 of 40 sites", "  40 of 40 sites", ""]


def test_every_call_of_the_load_is_answered() -> None:
    with running(MOCK) as server, Account(server) as account:
        for number, call in enumerate(calls_of(account, sites=10).values(), start=1):
            before = server.cpu_seconds
            assert load.by_python(server.url, call, start=number * 1000, seconds=0.1).requests > 0
            assert server.cpu_seconds > before
        assert server.resident_bytes > 1 << 20


def test_wrk_sends_what_a_call_says() -> None:
    needed("wrk")
    with running(MOCK) as server, Account(server) as account:
        calls = calls_of(account, sites=10)
        onboarded = load.by_wrk(server.url, calls["onboard of a new site"], start=1000, seconds=1)
        assert onboarded.p99_ms > 0
        sites = account.send("GET", "/__mockaxle/world")["sites"] - 10
        assert 0 < onboarded.requests <= sites <= onboarded.requests + load.CONNECTIONS
        assert load.by_wrk(server.url, calls["GET a site"], start=0, seconds=1).requests > 0
        with pytest.raises(AssertionError, match="answers of /missing were errors"):
            load.by_wrk(server.url, Call("GET", "/missing"), start=0, seconds=1)


def test_what_holds_the_server_is_measured() -> None:
    part = holds.report(holds.Sizes(logged=8, homes=2, body_bytes=3_000), repeats=1)
    assert part.text.count(" MB, ") == 7
    (longest,) = part.aims
    assert longest.figure.startswith("longest hold: ")
    assert longest.measured.median > 0


def test_the_pauses_of_the_collector_are_reported() -> None:
    part = pauses.report(["GET a site"], seconds=1)
    assert part.text.startswith("Under load the garbage collector ran ")
    assert [aim.aim for aim in part.aims] == [pauses.AIM_MS]


def test_the_longest_pause_of_the_collector_is_kept(tmp_path: Path) -> None:
    timed = pauses.Pauses(tmp_path / "longest")
    written = []
    for phase in ("start", "stop", "start", "stop"):
        timed(phase, {})
        written += (tmp_path / "longest").read_text().splitlines() if phase == "stop" else []
    (number, first), (total, longest) = (line.split() for line in written)
    assert (number, total) == ("1", "2")
    assert 0 < float(first) <= float(longest)


def figures(**measured: float) -> throughput.Figures:
    return throughput.Figures(**{name: [value] for name, value in measured.items()})


def parts() -> dict[str, Part]:
    """Parts of given figures. The share of GET reaches its aim, and that of onboard does not."""
    found = {
        "GET a site": figures(share=0.5, cpu_us=80, p99_ms=3.1),
        "onboard of a new site": figures(share=0.1, cpu_us=400, p99_ms=9.96),
    }
    costs = {"GET a site": {1_000: 40.0, 1_000_000: 44.0}, "onboard": {1_000: 200.0, 1_000_000: 300.0}}
    return {
        "throughput": throughput.part_of(found, bare=[30]),
        "growth": Part("Growth", "Costs.", (Aim("cost", Spread([1.5]), 1.3, digits=2),), costs),
    }


def test_the_page_is_written_from_figures() -> None:
    lines = page.page(parts(), machine=MACHINE, on=date(2026, 11, 22)).splitlines()
    assert lines[:3] == ["# Performance", "", "<!-- make bench writes this page -->"]
    assert "Measured on 2026-11-22: A processor, 2 cores; Debian 12, Linux 6.1; Python 3.11.2, uvicorn 0.53.0." in lines
    assert [line for line in lines if line.startswith("## ")] == ["## Summary", "## Throughput", "## Growth"]
    assert lines.index("| figure | measured | aim | reached |") < lines.index("## Throughput")
    assert "| GET a site | 0.500 | 80 | 3.1 | 0.45 |" in lines
    assert "![Growth: GET a site, onboard](performance-growth.svg)" in lines
    assert "`make bench OTHERS=1` adds a table" in " ".join(lines)
    assert max(len(line) for line in lines if not line.startswith("|")) <= 120


def test_the_summary_says_which_aims_are_reached() -> None:
    rows = [aim.row() for part in parts().values() for aim in part.aims]
    assert rows == [
        ("GET a site, share of the bare requests/s", "0.50", "at least 0.45", "yes"),
        ("onboard of a new site, share of the bare requests/s", "0.10", "at least 0.18", "no"),
        ("onboard of a new site, p99", "10.0 ms", "at most 10 ms", "yes"),
        ("cost", "1.50", "at most 1.3", "no"),
    ]


def test_a_figure_is_shown_with_its_lowest_and_highest_round() -> None:
    assert [f"{Spread(values):.1f}" for values in ([2, 1, 4], [3])] == ["2.0 (1.0\N{EN DASH}4.0)", "3.0"]


def test_the_chart_has_a_line_for_each_call_and_no_script() -> None:
    svg = growth_chart(parts()["growth"].lines)
    root = ElementTree.fromstring(svg)
    texts = [node.text for node in root.iter() if node.text and node.text.strip()]
    assert {"GET a site", "onboard", "1,000", "1,000,000"} <= {*texts}
    paths = [node for node in root.iter() if "nofill" in node.get("class", "")]
    assert len(paths) == 2
    assert not any(word in svg for word in (b"script", b"href", b"url(", b"@import"))
    assert svg.count(b"http") == svg.count(b"http://www.w3.org/2000/svg")
    assert svg == growth_chart(parts()["growth"].lines)


def test_all_parts_are_written_and_named_ones_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = {name: lambda part=part: part for name, part in (parts() | {"others": Part("Others", "Slow.")}).items()}
    run.main(["growth"], parts=one, folder=tmp_path)
    assert capsys.readouterr() == ("\nCosts.\n", "growth ...\n")
    assert [*tmp_path.iterdir()] == []
    run.main([], parts=one, folder=tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {"performance.md", "performance-growth.svg"}
    assert "Slow." not in (tmp_path / "performance.md").read_text(encoding="utf-8")
    run.main(["--others"], parts=one, folder=tmp_path)
    assert (tmp_path / "performance.md").read_text(encoding="utf-8").endswith("\n\n## Others\n\nSlow.\n")


def test_an_unknown_part_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run.main(["thruput"])
    assert "error: there is no part 'thruput'; the parts are throughput, holds, " in capsys.readouterr().err


def test_another_server_runs_until_its_block_ends() -> None:
    port = others.free_port()
    command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)]
    with others.started(command, port) as server:
        assert server.resident_bytes > 1 << 20
    assert not Path(f"/proc/{server.pid}").exists()
    with pytest.raises(RuntimeError, match="does not listen"), others.started([sys.executable, "-c", ""], port):
        pass


def test_a_stub_answers_for_every_site(tmp_path: Path) -> None:
    others.write_stubs(tmp_path, [(Call("GET", "/entities/site/@id@"), "{}"), (Call("POST", "/a.b"), "[]")])
    stubs = json.loads((tmp_path / "mappings" / "calls.json").read_text(encoding="utf-8"))["mappings"]
    assert [stub["request"]["urlPathPattern"] for stub in stubs] == ["/entities/site/[^/]+", r"/a\.b"]
    assert [stub["response"]["body"] for stub in stubs] == ["{}", "[]"]


def test_a_server_whose_program_is_missing_is_left_out_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert [other.missing for other in others.OTHERS] == ["java", "node", "node"]
    left_out = "WireMock is left out: java is missing. Prism is left out: node is missing. "
    assert left_out in others.about([]).replace("\n", " ")


def test_every_call_of_the_soak_is_answered_as_it_expects() -> None:
    tally = soak.Tally()
    with running(soak.command(0.2), stderr=DEVNULL) as server:
        url = f"http://127.0.0.1:{urlsplit(server.url).port}"
        team, strangers = soak.Team(url, "team", tally), soak.Strangers(url, tally)
        for _ in range(2):
            team.round()
            for _ in soak.ADDRESSES:
                strangers.log_in()
        for client in (team.client, *strangers.clients):
            client.close()
    assert tally.unexpected == []
    assert tally.statuses == {200: 2 * (9 + len(soak.ADDRESSES)) + 2, 503: 2}


def test_the_soak_fails_where_something_grew() -> None:
    def verdict(*resident: int, open_after: int = 5) -> int:
        found = [soak.Sample(at, size, 5) for at, size in enumerate(resident, start=1)]
        return len(soak.failures(found, soak.Tally(), open_before=5, open_after=open_after))

    assert [verdict(9, 10, 11), verdict(10, 100, 109, 110), verdict(10, 100, 105, 111)] == [0, 0, 1]
    assert verdict(10, 10, 10, open_after=6) == 1
