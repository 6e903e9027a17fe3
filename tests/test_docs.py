"""The document and the page on which one tries it."""

import httpx
import pytest

from tests.serving import Served
from third_party.fetch_swagger_ui import DIGESTS, TARGET, is_pinned


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/docs", "text/html; charset=utf-8"),
        ("/docs/swagger-ui.css", "text/css"),
        ("/docs/swagger-ui-bundle.js", "text/javascript"),
        ("/docs/start.js", "text/javascript"),
        ("/docs/head.css", "text/css"),
        ("/docs/docs.css", "text/css"),
        ("/openapi.json", "application/json"),
        ("/__mockaxle/docs", "text/html; charset=utf-8"),
        ("/__mockaxle/docs/swagger-ui-bundle.js", "text/javascript"),
        ("/__mockaxle/openapi.json", "application/json"),
    ],
)
def test_every_file_of_the_page_is_served_from_here(served: Served, path: str, content_type: str) -> None:
    answer = httpx.get(served.base_url + path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, content_type)
    assert answer.content


def test_the_files_of_swagger_ui_are_the_pinned_ones_with_their_licences() -> None:
    carried = {file.name: file.read_bytes() for file in TARGET.iterdir()}
    assert carried.keys() == DIGESTS.keys()
    assert [name for name, data in carried.items() if not is_pinned(name, data)] == []
    assert {"LICENSE", "NOTICE", "swagger-ui-bundle.js.LICENSE.txt"} < carried.keys()


@pytest.mark.parametrize("name", ["swagger-ui-bundle.js", "swagger-ui.css"])
@pytest.mark.parametrize("docs", ["docs", "__mockaxle/docs"])
def test_both_pages_serve_the_carried_files(served: Served, docs: str, name: str) -> None:
    assert is_pinned(name, httpx.get(f"{served.base_url}/{docs}/{name}").content)


def test_controls_document_describes_every_path(served: Served) -> None:
    described = httpx.get(f"{served.base_url}/__mockaxle/openapi.json").json()
    assert described["paths"]["/__mockaxle/world/clock"]["put"]["requestBody"]
    assert described["paths"]["/__mockaxle/world/log/{number}"]["get"]["parameters"][0]["name"] == "number"
    assert httpx.get(f"{served.base_url}/__mockaxle/openapi.json", headers={"host": "evil.example"}).status_code == 403


def test_the_page_loads_nothing_from_elsewhere(served: Served) -> None:
    answer = httpx.get(f"{served.base_url}/docs")
    assert "//" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.rule("G8")
def test_the_document_keeps_the_surfaces_manners(served: Served) -> None:
    wrong = httpx.post(f"{served.base_url}/openapi.json")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET")
    slash = httpx.get(f"{served.base_url}/docs/")
    assert (slash.status_code, slash.headers["location"]) == (307, "/docs")
    assert httpx.get(f"{served.base_url}/docs/..%2f..%2fsecret").status_code == 404
