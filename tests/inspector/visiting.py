"""A visitor of the inspector's pages, and the calls of a partner whose world the visitor looks at."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import httpx

from mockaxle.app import App
from mockaxle.serving.listener import serve_in_thread
from tests.calling import CHARGER, HOME, NIGHT

PREFIX = "/__mockaxle"
HTML = {"Accept": "text/html"}
PROXIED = {"X-Forwarded-For": "203.0.113.7"}
"""Makes a call count as coming from elsewhere."""

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "</title></svg><svg onload=alert(1)>",
    "javascript:alert(1)",
    "&lt;b&gt; &amp; &#60;",
    "a\u202eb\u0000c\x1b[31m",
    "]]><!--",
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16") + "é" * 20,
)

_numbers = count()


def client_of(base_url: str, **headers: str) -> httpx.Client:
    """A client that leaves no connection open."""
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(base_url=base_url, headers=headers, timeout=None, limits=limits)


def fresh_name() -> str:
    return f"visitor-{next(_numbers)}"


class Visiting:
    """A browser with its cookies, without JavaScript."""

    def __init__(self, base_url: str, *, root: str = "", headers: dict[str, str] | None = None) -> None:
        self.client = client_of(base_url, **HTML, **(headers or {}))
        self.pages = root + PREFIX
        self.world = ""
        self.form_key = ""

    def log_in(self, username: str, password: str = "secret", **more: str) -> httpx.Response:
        form = {"username": username, "password": password, **more}
        answer = self.client.post(f"{self.pages}/log-in", data=form)
        if answer.status_code == 303:
            self.world = f"{self.pages}/inspect/{username}"
            found = re.search(r'name="form_key" value="([0-9a-f]+)"', self.client.get(f"{self.pages}/").text)
            self.form_key = found[1] if found else ""
        return answer

    def get(self, path: str) -> httpx.Response:
        """Read a page of the world."""
        return self.client.get(self.world + path)

    def text(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, (answer.status_code, answer.text)
        return answer.text

    def do(self, action: str, **fields: str) -> httpx.Response:
        form = {"form_key": self.form_key, "back": self.world, **fields}
        return self.client.post(f"{self.world}/do/{action}", data=form)


class Partner:
    """Calls the API and control as an account."""

    def __init__(self, base_url: str, username: str, password: str = "secret") -> None:
        self.client, self.username = client_of(base_url), username
        form = {"username": username, "password": password}
        token = self.client.post("/auth/token-form", data=form).json()["access_token"]
        self.client.headers["Authorization"] = f"Bearer {token}"

    def call(self, verb: str, path: str, body: Any = None) -> httpx.Response:
        return self.client.request(verb, path, json=body)

    def control(self, verb: str, path: str, body: Any = None) -> Any:
        sent = {} if body is None and verb != "GET" else body
        answer = self.client.request(verb, f"{PREFIX}/world{path}", json=sent)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def onboard(self, site: dict[str, Any] | None = None, **charger: Any) -> httpx.Response:
        home = {**HOME, **(site or {})}
        body = {"site": home, "assets": [{**CHARGER, **charger}], "proposition": "limited_pause"}
        return self.call("POST", "/entities/site/onboard", body)

    def onboarded(self, site: dict[str, Any] | None = None, **charger: Any) -> tuple[str, str]:
        """Onboard a home; return the ids of the site and the asset."""
        answer = self.onboard(site, **charger)
        assert answer.status_code == 200, answer.text
        made = answer.json()
        return made["site"]["site_id"], made["assets"][0]["asset_id"]

    def plug_in(self, asset_id: str, schedule: Any = NIGHT) -> httpx.Response:
        path = f"/entities/asset/{asset_id}/event/plug-in-schedule"
        return self.call("POST", path, {"charging_schedule": schedule})

    def entries(self) -> int:
        total: int = self.control("GET", "/log")["total"]
        return total


@contextmanager
def visiting(app: App, *, root: str = "", headers: dict[str, str] | None = None) -> Iterator[Visiting]:
    """Serve an app on a free port, and visit it."""
    with serve_in_thread(app) as base_url:
        yield Visiting(base_url, root=root, headers=headers)
