"""The page to try the API: the files of Swagger UI, and nothing from elsewhere."""

from functools import cache

from mockaxle.contract.data import data_file

POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PAGE = b"""<!doctype html>
<html lang="en">
<title>mockaxle: try the API</title>
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
<div id="page">This page needs JavaScript. The API itself is described in <a href="openapi.json">openapi.json</a>.</div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
"""
START = b"""SwaggerUIBundle({url: "openapi.json", dom_id: "#page", deepLinking: true, tagsSorter: "alpha"});
"""
PAGE_HEADERS = (
    (b"content-type", b"text/html; charset=utf-8"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", POLICY),
)
TYPES = {"start.js": b"text/javascript", "swagger-ui-bundle.js": b"text/javascript", "swagger-ui.css": b"text/css"}


def file(name: str) -> tuple[bytes, tuple[tuple[bytes, bytes], ...]] | None:
    """Return a file of the page with its headers; None for any other name."""
    if name not in TYPES:
        return None
    headers = ((b"content-type", TYPES[name]), (b"x-content-type-options", b"nosniff"))
    return (START if name == "start.js" else _shipped(name)), headers


@cache
def _shipped(name: str) -> bytes:
    return data_file("third_party", "swagger-ui", name).read_bytes()
