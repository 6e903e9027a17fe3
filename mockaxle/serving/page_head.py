"""The head that all pages of the mock share, with links between them. Its stylesheet is static/head.css."""

from html import escape

LINKS = (
    ("home", "/__mockaxle/", "mockaxle"),
    ("api", "/docs", "API"),
    ("control", "/__mockaxle/docs", "Control"),
    ("rules", "/__mockaxle/rules", "Rules"),
)
"""The names of the pages, their paths below the root path, and the texts of the links."""


def page_head(root: str, *, current: str = "") -> str:
    """Write the head as HTML. Shape: root is the path below which clients call; current names a page of LINKS."""
    links = "".join(_link(root + path, text, is_current=name == current) for name, path, text in LINKS)
    return f'<header class="page-head"><nav aria-label="Pages">{links}</nav></header>'


def _link(path: str, text: str, *, is_current: bool) -> str:
    mark = ' aria-current="page"' if is_current else ""
    return f'<a href="{escape(path)}"{mark}>{text}</a> '
