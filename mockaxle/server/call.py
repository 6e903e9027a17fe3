"""The argument and the result of a handler."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Generic, NamedTuple, TypeVar

from mockaxle.core.accounts import Grant, Link, LinkKind, Tokens
from mockaxle.core.errors import StaleToken
from mockaxle.core.records import Asset, Site
from mockaxle.core.state import Outcome, State
from mockaxle.wire.shape import Component
from mockaxle.world.entries import Principal
from mockaxle.world.value import World

Sent = TypeVar("Sent")


class Null(Enum):
    """The body `null`."""

    NULL = "null"


NULL = Null.NULL


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """A body of HTML."""

    html: str


@dataclass(frozen=True, slots=True)
class Verbatim:
    """A body whose nulls are always written, whatever the style: a component, or JSON data."""

    value: Component | Mapping[str, Any]


class OfRecord(NamedTuple):
    """A body made from one record and nothing else, so that it is written once for each record."""

    record: Site | Asset
    component: Callable[[Any], Component]


class PageOf(NamedTuple):
    """A body made from a page of records. Shape: the list of the page is empty; it gets the items."""

    page: Component
    items: tuple[OfRecord, ...]


Body = Component | Sequence[Component] | Null | HtmlPage | Verbatim | OfRecord | PageOf


class Call(NamedTuple, Generic[Sent]):
    """A request that is routed, authorised and read. Shape: grant is None during a log-in."""

    world: World
    now: datetime
    principal: Principal
    grant: Grant | None
    values: Mapping[str, Any]
    body: Sent

    @property
    def state(self) -> State:
        return self.world.state

    def link(self, kind: LinkKind) -> Link:
        """Return the link that opened a page, of a kind. Raises: StaleToken if it is for another page."""
        link = self.grant.link if self.grant else None
        if link is None or link.kind is not kind:
            raise StaleToken()
        return link

    def in_state(self, state: State) -> "Call[Sent]":
        """Return the same call after a step."""
        return self._replace(world=self.world._replace(state=state))


class Reply(NamedTuple):
    """An answer, with the state or tokens to store if they changed. Without a body it is a 204 (G7).

    Shape: has_base is true if the body has BASE_MARK.
    """

    body: Body | None
    state: State | None = None
    tokens: Tokens | None = None
    token: int | None = None
    has_base: bool = False
    rules: tuple[str, ...] = ()
    hint: str = ""


class Handler(NamedTuple):
    """Serves the operation of a key such as `GET /entities/site/{site_id}`."""

    key: str
    run: Callable[[Call[Any]], Reply]
    body: type[Component] | None = None
    takes_gzip: bool = False


def reply(outcome: Outcome[Any], body: Body | None, *, rules: tuple[str, ...] = (), hint: str = "") -> Reply:
    return Reply(body, state=outcome.state, rules=rules, hint=hint)
