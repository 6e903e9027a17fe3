"""A visit to a page: the request, its reader, and what every page shows."""

from asyncio import to_thread
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from mockaxle.control.health import PREFIX
from mockaxle.inspector.rendering import page
from mockaxle.inspector.visitors import Visitor
from mockaxle.serving.credentials import address_of
from mockaxle.serving.hosted_world import HostedWorld
from mockaxle.serving.page_head import page_head

BY_ADDRESS = "~"
"""Begins the path segment of a world whose name is no path segment."""


@dataclass(frozen=True)
class Visit:
    """Shape: root is the path below which a proxy serves the mock; visitor is None without a log-in."""

    request: Request
    root: str
    visitor: Visitor | None

    @property
    def pages(self) -> str:
        """The path below which the pages are."""
        return self.root + PREFIX

    async def shown(
        self, template: str, values: Mapping[str, Any], *, current: str = "", status: int = 200
    ) -> Response:
        """Render a page in a thread, since one may have thousands of rows.

        Shape: current names the link of the head that leads here.
        """
        common = {
            "root": self.root,
            "pages": self.pages,
            "head": page_head(self.root, current=current),
            "visitor": self.visitor,
            "own_path": self.pages + world_path(self.visitor.world) if self.visitor and self.visitor.world else None,
            "form_key": self.visitor.form_key if self.visitor else "",
        }
        return await to_thread(page, template, {**common, **values}, status=status)


@dataclass(frozen=True)
class WorldVisit(Visit):
    """A visit to a page of a world. Shape: now is the world's instant; last_number is that of the newest entry."""

    hosted: HostedWorld
    now: datetime
    last_number: int

    @property
    def path(self) -> str:
        """The path of the world's pages."""
        return self.pages + world_path(self.hosted.world.name)

    async def of_world(self, template: str, values: Mapping[str, Any], *, status: int = 200) -> Response:
        """Render a page of the world."""
        common = {"world": self.hosted.world.name, "path": self.path, "last_number": self.last_number}
        return await self.shown(template, {**common, **values}, current="inspector", status=status)


def world_path(name: str) -> str:
    """Return the path of a world's pages. A name that no path segment can spell is replaced by its address."""
    is_segment = name.strip(".") != "" and not name.startswith(BY_ADDRESS)
    return f"/inspect/{quote(name, safe='', errors='replace') if is_segment else BY_ADDRESS + address_of(name)}"
