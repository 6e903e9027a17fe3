"""The pages to try the API and control: the files of Swagger UI, a head of ours, and nothing from elsewhere."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

from mockaxle.contract.data import data_file
from mockaxle.serving.page_head import page_head
from mockaxle.serving.settings import ServerSettings

POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PAGE = """<!doctype html>
<html lang="en-GB">
<meta charset="utf-8">
<title>mockaxle: {title}</title>
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="stylesheet" href="docs/head.css">
<link rel="stylesheet" href="docs/docs.css">
{head}
<div class="docs-note"><h1>{heading}</h1><p>{note}</p></div>
<div id="page">Trying calls here needs JavaScript. The calls are described in <a href="openapi.json">openapi.json</a>.\
</div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js" data-document="openapi.json"></script>
"""
ANY_PASSWORD = "Any username and any password except <code>wrong</code> work on this machine."
KEPT_PASSWORD = "On this server the first password used with a username is kept, and needed from then on."
PAGE_HEADERS = (
    (b"content-type", b"text/html; charset=utf-8"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", POLICY),
)
OWN = {"start.js": b"text/javascript", "docs.css": b"text/css", "head.css": b"text/css"}
SHIPPED = {"swagger-ui-bundle.js": b"text/javascript", "swagger-ui.css": b"text/css"}
TYPES = OWN | SHIPPED


class DocsPage(NamedTuple):
    """A page of Swagger UI. Shape: name is that of its link in the head; note is HTML."""

    name: str
    title: str
    heading: str
    note: str


API_PAGE = DocsPage(
    "api",
    "the API",
    "Try the API",
    "Choose Authorize, fill in username and password, and leave the rest as it is. {password}",
)
CONTROL_PAGE = DocsPage(
    "control",
    "control",
    "Control of a world: time, market, faults and log",
    "Choose Authorize, and log in with a full account of the world, as at the API; or fill in the admin token, which "
    "the server prints when it starts. {password}",
)


def docs_page(page: DocsPage, settings: ServerSettings) -> bytes:
    password = KEPT_PASSWORD if settings.is_shared else ANY_PASSWORD
    head = page_head(settings.root_path, current=page.name)
    values = {"title": page.title, "heading": page.heading, "note": page.note.format(password=password)}
    return PAGE.format(head=head, **values).encode()


def file(name: str) -> tuple[bytes, tuple[tuple[bytes, bytes], ...]] | None:
    """Return a file of the page with its headers; None for any other name."""
    if name not in TYPES:
        return None
    headers = ((b"content-type", TYPES[name]), (b"x-content-type-options", b"nosniff"))
    return _content(name), headers


@cache
def _content(name: str) -> bytes:
    if name in OWN:
        return (Path(__file__).parent / "static" / name).read_bytes()
    return data_file("third_party", "swagger-ui", name).read_bytes()
