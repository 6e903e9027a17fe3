"""Each example does what its first lines say."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from tests.programs import needed, needed_package
from tests.serving import Served

EXAMPLES = Path(__file__).parent.parent / "examples"
NIGHT = "2026-01-20T22:00:00Z - 2026-01-21T01:00:00Z\n2026-01-21T01:30:00Z - 2026-01-21T06:00:00Z\n"


def run(*command: str | Path, cwd: Path = EXAMPLES, **environment: str) -> str:
    """The output of a program that must succeed."""
    variables = {**os.environ, **environment}
    done = subprocess.run(command, cwd=cwd, env=variables, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("name", ["with_httpx", "with_requests"])
def test_python(served: Served, name: str) -> None:
    assert run(sys.executable, EXAMPLES / "python" / f"{name}.py", served.base_url) == NIGHT


def test_python_with_a_generated_sdk(served: Served, tmp_path: Path) -> None:
    (tmp_path / "config.yml").write_text("package_name_override: axle_sdk\npost_hooks: []\n")
    generate = Path(sys.executable).with_name("openapi-python-client")
    url = f"{served.base_url}/openapi.json"
    run(generate, "generate", "--url", url, "--output-path", "sdk", "--config", "config.yml", cwd=tmp_path)
    script = EXAMPLES / "python" / "with_a_generated_sdk.py"
    assert run(sys.executable, script, served.base_url, PYTHONPATH=str(tmp_path / "sdk")) == NIGHT


def test_node_with_fetch(served: Served) -> None:
    (node,) = needed("node")
    assert run(node, EXAMPLES / "node" / "with_fetch.mjs", served.base_url) == NIGHT


TSC = ("--strict", "--module", "nodenext", "--target", "es2022")


def typed(script: str, url: str, *, types: str, folder: Path) -> Path:
    """A copy of an example beside the types of a mock's document."""
    (openapi_typescript,) = needed("openapi-typescript")
    (folder / "node_modules").mkdir()
    (folder / "node_modules" / "openapi-fetch").symlink_to(needed_package("openapi-fetch"))
    run(openapi_typescript, url, "-o", types, "--default-non-nullable=false", cwd=folder)
    return Path(shutil.copy(EXAMPLES / "node" / script, folder))


def test_node_with_a_client_that_is_typed_by_the_document(served: Served, tmp_path: Path) -> None:
    node, tsc = needed("node", "tsc")
    script = typed("with_openapi_fetch.mts", f"{served.base_url}/openapi.json", types="axle.d.ts", folder=tmp_path)
    run(tsc, *TSC, script, cwd=tmp_path)
    assert run(node, script.with_suffix(".mjs"), served.base_url) == NIGHT


def test_node_with_a_client_of_control_that_is_typed_by_its_document(served: Served, tmp_path: Path) -> None:
    node, tsc = needed("node", "tsc")
    url = f"{served.base_url}/__mockaxle/openapi.json"
    script = typed("with_control.mts", url, types="control.d.ts", folder=tmp_path)
    run(tsc, *TSC, script, cwd=tmp_path)
    printed = [run(node, script.with_suffix(".mjs"), served.base_url) for _ in range(2)]
    assert printed == ["frozen clock: 503, then 200\nT1; U12; 30 minutes apart\nverified: true\n"] * 2
    script.write_text(script.read_text().replace("{ rate: 0 }", "{ rat: 0 }").replace("call.rules", "call.rule"))
    refused = subprocess.run([tsc, *TSC, "--noEmit", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert re.findall(r"error TS\d+: .*'(rat|rule)' does not exist", refused.stdout) == ["rat", "rule"]


def test_the_gitlab_pipeline_starts_the_mock_and_uses_it(tmp_path: Path) -> None:
    """The file's own lines, but for the installation."""
    pipeline = yaml.safe_load((EXAMPLES / "ci" / "gitlab-ci.yml").read_text())
    installation, *lines = pipeline["tests"]["script"]
    assert installation == "pip install git+https://github.com/OWNER/mockaxle"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    script = "\n".join(["set -eu", *lines, "kill $!"])
    assert '"access_token"' in run("bash", "-c", script, cwd=tmp_path, PATH=path)


COMPOSE: dict[str, Any] = yaml.safe_load((EXAMPLES / "docker-compose.yml").read_text())["services"]
DOCKERFILE = (EXAMPLES.parent / "Dockerfile").read_text()


def test_the_compose_file_builds_the_image_from_the_repository_without_a_checkout() -> None:
    context = urlsplit(COMPOSE["mockaxle"]["build"])
    assert (context.scheme, context.netloc, context.path) == ("https", "github.com", "/OWNER/mockaxle.git")
    assert "EXPOSE 2953\n" in DOCKERFILE
    assert COMPOSE["mockaxle"]["ports"] == ["127.0.0.1:2953:2953"]
    assert COMPOSE["app"]["depends_on"]["mockaxle"]["condition"] == "service_healthy"
    assert "http://mockaxle:2953/auth/token-form" in COMPOSE["app"]["command"]


def test_the_compose_files_health_check_is_the_images_and_says_whether_its_mock_serves() -> None:
    form, *check = COMPOSE["mockaxle"]["healthcheck"]["test"]
    assert (form, f"CMD {json.dumps(check)}" in DOCKERFILE) == ("CMD", True)
    folder = Path(sys.executable).parent
    serve = [folder / COMPOSE["mockaxle"]["command"][0], *COMPOSE["mockaxle"]["command"][1:], "--port", "0"]
    with subprocess.Popen([*serve, "--quiet"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        assert run(folder / check[0], *check[1:], MOCKAXLE_PORT=url.rpartition(":")[2]) == "ok\n"
        process.terminate()
    gone = subprocess.run([folder / check[0], *check[1:], "--url", url], capture_output=True, check=False)
    assert gone.returncode == 1
