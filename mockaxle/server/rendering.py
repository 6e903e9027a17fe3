"""Writes replies as responses."""

from collections import OrderedDict
from collections.abc import Sequence

from pydantic_core import to_json

from mockaxle.core.records import Asset, Site
from mockaxle.core.reference import Style
from mockaxle.server.call import NULL, HtmlPage, Null, OfRecord, PageOf, Reply, Verbatim
from mockaxle.server.pages import HTML
from mockaxle.server.refusals import JSON
from mockaxle.wire.shape import Component
from mockaxle.world.entries import Response, Why

MAX_TEXTS, MAX_TEXT = 4096, 2048


class RecordTexts:
    """The JSON of the records that were read last. They are found by identity, as records never change.

    Only short texts are kept, so that their size is bounded. Units: limit in texts.
    """

    def __init__(self, limit: int = MAX_TEXTS) -> None:
        self._limit = limit
        self._texts: OrderedDict[tuple[int, object, bool], tuple[Site | Asset, bytes]] = OrderedDict()

    def text(self, body: OfRecord, *, exclude_none: bool) -> bytes:
        record, component = body
        key = (id(record), component, exclude_none)
        known = self._texts.get(key)
        if known is not None and known[0] is record:
            self._texts.move_to_end(key)
            return known[1]
        text = _component(component(record), exclude_none=exclude_none)
        if len(text) <= MAX_TEXT:
            self._keep(key, (record, text))
        return text

    def _keep(self, key: tuple[int, object, bool], text: tuple[Site | Asset, bytes]) -> None:
        if len(self._texts) >= self._limit:
            self._texts.popitem(last=False)
        self._texts[key] = text


def render(reply: Reply, style: Style, *, texts: RecordTexts) -> Response:
    """Write a reply. Unset fields are left out in `contract` style, and null in `wire` style. Source: G9."""
    body, _, _, token, has_base, rules, hint = reply
    why = Why(rules, hint)
    if body is None:
        return Response(204, why=why)
    if isinstance(body, HtmlPage):
        return Response(200, body.html.encode(), HTML, token, why=why)
    if isinstance(body, Verbatim):
        text = to_json(body.value)
    else:
        text = _written(body, texts, exclude_none=style is Style.CONTRACT)
    return Response(200, text, JSON, token, has_base, why)


def _written(
    body: OfRecord | PageOf | Component | Sequence[Component] | Null, texts: RecordTexts, *, exclude_none: bool
) -> bytes:
    if isinstance(body, OfRecord):
        return texts.text(body, exclude_none=exclude_none)
    if isinstance(body, Component):
        return _component(body, exclude_none=exclude_none)
    if isinstance(body, PageOf):
        items = b",".join([texts.text(item, exclude_none=exclude_none) for item in body.items])
        return _component(body.page, exclude_none=exclude_none).replace(b"[]", b"[%b]" % items, 1)
    if body is NULL:
        return b"null"
    return b"[%b]" % b",".join([_component(item, exclude_none=exclude_none) for item in body])


def _component(body: Component, *, exclude_none: bool) -> bytes:
    return body.__pydantic_serializer__.to_json(body, exclude_none=exclude_none)
