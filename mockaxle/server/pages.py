"""The mock's own pages, which need no script: rendering and security headers. Source: W3, U15."""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from mockaxle.contract.document import Operation, Parameter
from mockaxle.core.errors import Refusal
from mockaxle.server.call import HtmlPage, Reply
from mockaxle.server.refusals import STATUS
from mockaxle.world.entries import Headers, Response, Why

if TYPE_CHECKING:
    from jinja2 import Environment

WITHDRAWAL, LINKING, REFUSED = "withdrawal.html", "linking.html", "refused.html"
STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem;color:#1b1f23}"
    "#balance{font-size:2.5rem;margin:0}button,input{font:inherit;padding:.5rem 1rem}"
    "label{display:block;margin:.5rem 0}"
    "table{border-collapse:collapse;width:100%;margin-top:2rem}caption{text-align:left;font-weight:bold}"
    "td{padding:.25rem 1rem .25rem 0;border-top:1px solid #d0d7de}td:last-child{text-align:right;padding-right:0}"
    "footer{margin-top:3rem;color:#57606a;font-size:.875rem}code{overflow-wrap:anywhere}"
)
POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HTML: Headers = (
    (b"content-type", b"text/html; charset=utf-8"),
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)
NEVER_LINKED = ("javascript:", "data:", "vbscript:")
PATHS = (("GET", "/auth/ext/{link}"), ("POST", "/auth/ext/{link}"), ("GET", "/oauth/{link}"), ("POST", "/oauth/{link}"))
OPERATIONS = tuple(
    Operation(
        verb, path, (Parameter("link", "path", {"type": "string"}, True),), secured=False,
        takes_form=(verb, path) == ("POST", "/auth/ext/{link}"), error_shape="text", is_page=True,
    )
    for verb, path in PATHS
)  # fmt: skip


def page(template: str, *, rules: tuple[str, ...], redirect_uri: str = "", **values: Any) -> Reply:
    return Reply(HtmlPage(_render(template, {**values, "redirect_uri": redirect_uri})), rules=rules)


def refused_page(refusal: Refusal) -> Response:
    """Show a refusal as a page to the person who followed a link."""
    values = {"text": refusal.text, "advice": "Ask the app for a new one.", "redirect_uri": ""}
    why = Why((refusal.rule,), refusal.remedy)
    return Response(STATUS[type(refusal)], _render(REFUSED, values).encode(), HTML, why=why)


def is_linkable(uri: str) -> bool:
    """Tell whether a URI runs no script; browsers ignore white space and control characters. Source: W3."""
    seen = "".join(letter for letter in uri if letter > " ").lower()
    return not seen.startswith(NEVER_LINKED)


def _render(template: str, values: dict[str, Any]) -> str:
    return _environment().get_template(template).render(style=STYLE, **values)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("mockaxle.server", "templates"),
        autoescape=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    made.tests["linkable"] = is_linkable
    return made
