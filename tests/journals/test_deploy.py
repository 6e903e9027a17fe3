"""What deploy/ describes: the compose file's commands run here as processes, behind a real HAProxy."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Any

import httpx
import yaml

from mockaxle.cli.serve import serve
from mockaxle.serving.listener import open_socket
from mockaxle.serving.settings import DEFAULT_PORT
from tests.journals.history import Load, problems
from tests.journals.postgres_server import PostgresServer
from tests.journals.test_kills import KILLS, Killed, KilledServer, server_in
from tests.journals.test_serving_files import log_in
from tests.ports import reserved_port
from tests.programs import needed
from tests.serving import Served

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yml").read_text())
MANIFEST = {one["kind"]: one for one in yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text())}
SERVERS = ("mockaxle-a", "mockaxle-b", "mockaxle-c")
GIVEN = {"MOCKAXLE_KEY": "ab" * 32, "MOCKAXLE_ADMIN_TOKEN": "let-me-in", "PGPASSWORD": "not-asked-for"}


def environment_of(service: str, given: Mapping[str, str] = GIVEN) -> dict[str, str]:
    """Return a service's environment with what its .env would have."""
    listed = COMPOSE["services"][service].get("environment", {})
    return {name: re.sub(r"\$\{(\w+)[^}]*\}", lambda found: given[found[1]], text) for name, text in listed.items()}


@contextmanager
def composed(folder: Path, postgres: PostgresServer) -> Iterator[tuple[list[KilledServer], Path]]:
    """The three servers of deploy/compose.yml, and the file with the port of the HAProxy in front of them."""
    (haproxy,) = needed("haproxy")
    journal = postgres.url()
    with ExitStack() as stack:
        servers = [stack.enter_context(server_of(name, folder, journal)) for name in SERVERS]
        places = {
            f"SERVER_{one.upper()}": f"127.0.0.1:{server.port}" for one, server in zip("abc", servers, strict=True)
        }
        listening = stack.enter_context(open_socket("127.0.0.1", 0))
        around = {**os.environ, **environment_of("haproxy"), **places, "BIND": f"fd@{listening.fileno()}"}
        line = (haproxy, "-db", "-f", DEPLOY / "haproxy.cfg")
        proxy = subprocess.Popen(line, env=around, pass_fds=(listening.fileno(),), stdout=subprocess.DEVNULL)
        stack.enter_context(proxy)
        stack.callback(proxy.kill)
        (port_file := folder / "port").write_text(f"{listening.getsockname()[1]}")
        yield servers, port_file


@contextmanager
def server_of(name: str, folder: Path, journal: str) -> Iterator[KilledServer]:
    """A service of the compose file, on loopback and on the journal of a test."""
    program, *verb = COMPOSE["services"][name]["command"]
    assert (program, verb) == ("mockaxle", ["serve"])
    environment = environment_of(name) | {"MOCKAXLE_HOST": "127.0.0.1"}
    assert environment.pop("MOCKAXLE_JOURNAL") == "postgresql://mockaxle@postgres/mockaxle"
    (own := folder / name).mkdir()
    with reserved_port() as port, server_in(own, journal=journal, environment=environment, port=port) as server:
        yield server


def test_nothing_is_lost_behind_haproxy_by_kills_of_a_server_and_the_database(
    tmp_path: Path, own_postgres: PostgresServer
) -> None:
    with composed(tmp_path, own_postgres) as (servers, port_file):
        draw = Random(5)
        victims: list[Killed] = [servers[0], own_postgres, *servers[1:]]
        with Load(port_file) as load:
            for victim in victims * max(1, KILLS // 3):
                load.wait_for(draw.randrange(100, 200))
                victim.kill()
                if victim is not own_postgres:
                    load.wait_for(20)
                victim.start()
            load.wait_for(200)
        url = f"http://127.0.0.1:{port_file.read_text()}"
        for place in (url, *(server.url for server in servers)):
            assert list(problems(load.deeds, place)) == []


def test_a_worlds_calls_go_to_one_server_after_its_log_in(tmp_path: Path, postgres: PostgresServer) -> None:
    with composed(tmp_path, postgres) as (servers, port_file):
        url = f"http://127.0.0.1:{port_file.read_text()}"
        for token in (log_in(url, f"team-{n}") for n in range(6)):
            assert {httpx.get(f"{url}/auth/users/me/", headers=token).status_code for _ in range(5)} == {200}
        holders = [names_in_memory(server.url) for server in servers]
    worlds = {f"team-{n}" for n in range(6)}
    assert all(sum(world in held for held in holders) <= 2 for world in worlds), "where it logged in, and its own"
    assert all(held & worlds for held in holders), "the worlds are spread"


def names_in_memory(url: str) -> set[str]:
    admin = {"Authorization": "Bearer let-me-in"}
    found = httpx.get(f"{url}/__mockaxle/worlds", headers=admin).json()["worlds"]
    return {one["world"] for one in found if one.get("in_memory", True)}


def container() -> dict[str, Any]:
    (found,) = MANIFEST["Deployment"]["spec"]["template"]["spec"]["containers"]
    return dict(found)


def test_both_set_options_that_serve_has() -> None:
    known = {option.envvar for option in serve.params}
    ours = {*environment_of("mockaxle-a"), *(one["name"] for one in container()["env"])}
    assert ours - known == {"MOCKAXLE_KEY", "PGPASSWORD"}
    assert container()["args"] == COMPOSE["services"]["mockaxle-a"]["command"] == ["mockaxle", "serve"]


def test_the_manifest_takes_secrets_from_its_secret_and_leads_to_its_pods() -> None:
    deployment, service, secret = (MANIFEST[kind] for kind in ("Deployment", "Service", "Secret"))
    named = [one["valueFrom"]["secretKeyRef"] for one in container()["env"] if "valueFrom" in one]
    assert {one["name"] for one in named} == {secret["metadata"]["name"]}
    (volume,) = deployment["spec"]["template"]["spec"]["volumes"]
    assert {one["key"] for one in (*named, *volume["secret"]["items"])} == set(secret["stringData"])
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert labels == service["spec"]["selector"] == deployment["spec"]["selector"]["matchLabels"]
    (port,), (target,) = container()["ports"], service["spec"]["ports"]
    assert (port["containerPort"], target["targetPort"]) == (DEFAULT_PORT, port["name"])


def test_readiness_is_that_of_the_process(served: Served) -> None:
    probe = container()["readinessProbe"]["httpGet"]
    assert httpx.get(f"{served.base_url}{probe['path']}").status_code == 200


def test_a_compose_file_without_its_secrets_says_where_they_come_from() -> None:
    text = (DEPLOY / "compose.yml").read_text()
    for name in GIVEN:
        assert f"${{{name}:?see the first lines of this file}}" in text
        assert f'echo "{name}=$(openssl rand -hex' in text
