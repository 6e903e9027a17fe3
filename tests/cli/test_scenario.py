"""`mockaxle scenario` and `mockaxle serve --scenario`."""

from pathlib import Path

import click
import httpx
import pytest

from mockaxle.cli.main import cli
from mockaxle.scenarios.schema import scenario_schema
from tests.cli.test_serve import run, serving
from tests.serving import Served

VERBS = ["serve --port 0 --scenario", "magic --scenario", "scenario check", "scenario load"]
HOME = '[[sites]]\nmpan = "1000000000012"\npostcode = "M1 1AE"\n'


def refusal(*arguments: str) -> str:
    """What `mockaxle` says of a wrong call, which it ends with exit code 2."""
    with pytest.raises(click.ClickException) as refused:
        cli.main(arguments, standalone_mode=False)
    assert refused.value.exit_code == 2
    return refused.value.format_message()


def test_check_says_what_a_file_makes(tmp_path: Path) -> None:
    file = tmp_path / "home.toml"
    file.write_text(HOME)
    done = run("scenario", "check", str(file))
    assert (done.returncode, done.stdout) == (
        0,
        f"{file}: 0 accounts, 9 meters, 3 models, 2 windows, 1 site, 0 assets\n",
    )


def test_check_names_file_line_and_key(tmp_path: Path) -> None:
    file = tmp_path / "home.toml"
    file.write_text(HOME + 'emial = "a@b"\n')
    done = run("scenario", "check", str(file))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[1] == f"{file}:4: sites[0].emial: unknown key 'emial'; did you mean 'email'?"


def test_what_dump_writes_load_takes(served: Served, tmp_path: Path) -> None:
    file = tmp_path / "home.toml"
    file.write_text(HOME)
    here = ("--url", served.base_url, "--username", "scenario-cli")
    assert run("scenario", "load", str(file), *here).stdout == "1 site, 0 assets\n"
    dumped = run("scenario", "dump", *here).stdout
    assert dumped.startswith("# The state of a mockaxle world")
    file.write_text(dumped)
    assert run("scenario", "load", str(file), *here).stdout == "1 site, 0 assets\n"
    assert run("scenario", "dump", *here).stdout == dumped
    assert run("scenario", "schema").stdout == scenario_schema()


def test_a_server_starts_from_a_file_and_lets_in_only_its_accounts(tmp_path: Path) -> None:
    file = tmp_path / "two.toml"
    file.write_text(
        HOME + "[[accounts]]\nusername = 'ada'\npassword = 'pw'\n[[accounts]]\nusername = 'bob'\nworld = 'ada'\n"
    )
    with serving("--scenario", str(file)) as (_, url):

        def log_in(username: str, password: str) -> httpx.Response:
            return httpx.post(f"{url}/auth/token-form", data={"username": username, "password": password})

        assert [log_in(*pair).status_code for pair in (("ada", "x"), ("eve", "x"))] == [401, 401]
        for pair in (("ada", "pw"), ("bob", "anything")):
            bearer = {"Authorization": f"Bearer {log_in(*pair).json()['access_token']}"}
            assert httpx.get(f"{url}/entities/site", headers=bearer).json()["total_num_sites"] == 1
            path = f"{url}/__mockaxle/world"
            assert httpx.get(path, headers=bearer).json()["world"] == "ada"


def test_a_server_starts_from_a_shipped_scenario_by_its_name() -> None:
    with serving("--scenario", "every-asset-type") as (_, url):
        token = httpx.post(f"{url}/auth/token-form", data={"username": "a", "password": "b"}).json()["access_token"]
        found = httpx.get(f"{url}/entities/asset", headers={"Authorization": f"Bearer {token}"}).json()
        assert found["total_num_assets"] == 5


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("nowhere", "there is no scenario 'nowhere': use a file, or one of autumn-back, busy-evening"),
        ("/", "'/' is not a file: use a file, or one of"),
        ("/proc/self/mem", "cannot read '/proc/self/mem', Input/output error: use a file, or one of"),
    ],
)
@pytest.mark.parametrize("verb", VERBS)
def test_an_unknown_scenario_is_refused_in_a_line_with_those_there_are(verb: str, name: str, why: str) -> None:
    said = refusal(*verb.split(), name)
    assert (said.startswith(why), said.count("\n")) == (True, 0)


@pytest.mark.parametrize("verb", VERBS)
def test_a_wrong_scenario_is_refused_with_its_line(verb: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    for content, why in (
        (b"\nclok = 1", "2: clok: unknown key 'clok'; did you mean 'clock'?"),
        (b"\xff", "1: is not UTF-8"),
    ):
        file.write_bytes(content)
        assert refusal(*verb.split(), str(file)).splitlines()[:2] == [f"{file} cannot be used:", f"{file}:{why}"]


def test_an_empty_file_is_the_default_world(tmp_path: Path) -> None:
    (tmp_path / "empty.toml").write_bytes(b"")
    with serving("--scenario", str(tmp_path / "empty.toml")) as (_, url):
        assert httpx.get(f"{url}/__mockaxle/health").status_code == 200


def test_shipped_scenarios_are_listed_and_known_by_name(served: Served) -> None:
    listed = run("scenario", "list").stdout
    assert "busy-evening         An evening on which the grid pays" in listed
    assert run("scenario", "check", "busy-evening").stdout.startswith("busy-evening: 0 accounts, 9 meters")
    here = ("--url", served.base_url, "--username", "by-name")
    assert run("scenario", "load", "every-asset-type", *here).stdout == "1 site, 5 assets\n"
    assert run("scenario", "load", "nowhere", *here).returncode == 2


def test_off_loopback_control_takes_the_admin_token_where_the_account_keeps_no_password(tmp_path: Path) -> None:
    (tmp_path / "open.toml").write_text('accounts = [{username = "demo"}]\n')
    arguments = ("--host", "0.0.0.0", "--admin-token", "letmein", "--scenario", str(tmp_path / "open.toml"))
    with serving(*arguments) as (_, url):
        here = ("--url", url.replace("0.0.0.0", "127.0.0.1"))
        run("token", *here)
        refused = run("advance", "1h", *here)
        assert (refused.returncode, "or the admin token" in refused.stderr) == (2, True)
        assert run("advance", "1h", *here, "--admin-token", "letmein").returncode == 0
        assert run("scenario", "dump", *here, MOCKAXLE_ADMIN_TOKEN="letmein").returncode == 0
