"""`make bench`: the figures of docs/performance.md, as ratios from one run."""

import json
import shutil
import subprocess
import sys
from statistics import median

from benchmarks import growth
from benchmarks.load import Call, Measured, drive
from benchmarks.servers import BARE, MOCK, Account, Server, home, running, startup_seconds

ROUNDS = 3
SITES = 10_000
NIGHT = {"charging_schedule": [{"start_timestamp": "2026-01-20T22:00:00Z", "end_timestamp": "2026-01-21T06:00:00Z"}]}


def main() -> None:
    print(f"load by {'wrk' if shutil.which('wrk') else 'a client in Python'}, medians of {ROUNDS} interleaved rounds\n")
    with running(BARE) as bare, running(MOCK) as mock:
        print_throughput(bare, mock)
    print_startup()
    print_memory()
    print_growth()


def calls_of(account: Account) -> dict[str, Call]:
    first = account.onboard(1)
    site, asset = first["site"]["site_id"], first["assets"][0]["asset_id"]
    template = home(0)
    template["site"]["mpan"] = template["assets"][0]["external_id"] = "@number@"
    template["site"]["street_address"] = "@number@ Canal Row"
    return {
        "GET a site": Call("GET", f"/entities/site/{site}", account.token),
        "plug-in-schedule": Call(
            "POST", f"/entities/asset/{asset}/event/plug-in-schedule", account.token, json.dumps(NIGHT)
        ),
        "onboard of a new site": Call("POST", "/entities/site/onboard", account.token, json.dumps(template)),
    }


def print_throughput(bare: Server, mock: Server) -> None:
    """Compare the mock's requests per second with the bare function's, round by round."""
    calls, fixed = calls_of(Account(mock)), Call("GET", "/")
    ratios: dict[str, list[float]] = {name: [] for name in calls}
    p99: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(ROUNDS):
        for name, call in calls.items():
            base = drive(bare.url, fixed, start=0)
            found: Measured = drive(mock.url, call, start=(number + 1) * 10_000_000)
            ratios[name].append(found.rate / base.rate)
            p99[name].append(found.p99_ms)
            print(f"  {name}: {found.rate:.0f}/s, bare {base.rate:.0f}/s, p99 {found.p99_ms:.1f} ms", flush=True)
    print("\n| call | of the bare function's requests per second | p99 at 16 connections |\n| --- | --- | --- |")
    for name in calls:
        print(f"| {name} | {median(ratios[name]):.2f} | {median(p99[name]):.1f} ms |")


def print_startup() -> None:
    pairs = [(startup_seconds(MOCK, "/__mockaxle/health"), startup_seconds(BARE, "/")) for _ in range(5)]
    mock, bare = (median(times) for times in zip(*pairs, strict=True))
    print(f"\nstart-up to the first 200: {mock:.2f} s, {mock - bare:+.2f} s over the bare function's {bare:.2f} s")


def print_memory() -> None:
    """Print memory per site with a charger: of the state alone, and of the process with the log's earlier states."""
    with running(MOCK) as server:
        account = Account(server)
        fill_log(account)
        before = server.resident_bytes
        for number in range(SITES):
            account.onboard(number)
        fill_log(account)
        whole = (server.resident_bytes - before) / SITES
    command = [sys.executable, "-m", "benchmarks.memory"]
    state = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    print(f"memory per site at {SITES} sites: {state / 1000:.1f} kB in the state, {whole / 1000:.1f} kB of the process")


def fill_log(account: Account) -> None:
    """Fill the log with entries that all have the same state."""
    for _ in range(12_000):
        account.onboard(0)


def print_growth() -> None:
    found = growth.measure()
    print(
        "\n| in this process, in us, sites | " + " | ".join(f"{size:,}" for size in growth.SIZES) + " | last to first |"
    )
    print("| --- |" + " --- |" * (len(growth.SIZES) + 1))
    for name, times in found.items():
        cells = " | ".join(f"{time:.0f}" for time in times)
        print(f"| {name} | {cells} | {times[-1] / times[0]:.2f} |")


if __name__ == "__main__":
    main()
