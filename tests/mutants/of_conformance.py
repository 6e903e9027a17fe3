"""Faults against the document alone."""

from typing import Any

from mockaxle.core.errors import Malformed
from mockaxle.core.rule_errors import InvalidMpan, SiteExists
from mockaxle.server import parameters, refusals, rendering, surface
from mockaxle.server.call import Reply
from tests.mutants.planting import Planter, found_by


def rewriting(planter: Planter, old: bytes, new: bytes) -> None:
    """Every good answer with other bytes in it."""
    render = rendering.render

    def rewritten(reply: Reply, style: Any, *, texts: Any) -> Any:
        response = render(reply, style, texts=texts)
        return response._replace(body=response.body.replace(old, new))

    planter.setattr(surface, "render", rewritten)


@found_by("conformance", "G1")
def wrong_type(planter: Planter) -> None:
    rewriting(planter, b'"is_half_hourly_settled":true', b'"is_half_hourly_settled":"yes"')


@found_by("conformance", "G1")
def required_field_missing(planter: Planter) -> None:
    rewriting(planter, b'"total_num_pages":', b'"pages":')


@found_by("conformance", "G1")
def unknown_enum_member(planter: Planter) -> None:
    rewriting(planter, b'"wholesale"', b'"Wholesale"')


@found_by("conformance", "G1")
def broken_json(planter: Planter) -> None:
    rewriting(planter, b'"page_number":', b'"page_number"=')


@found_by("conformance", "G1")
def undocumented_status(planter: Planter) -> None:
    planter.setitem(refusals.STATUS, SiteExists, 418)


@found_by("conformance", "G1")
def server_error(planter: Planter) -> None:
    planter.setitem(refusals.STATUS, InvalidMpan, 501)


@found_by("conformance", "G1")
def malformed_is_taken(planter: Planter) -> None:
    planter.setitem(refusals.STATUS, Malformed, 200)


@found_by("conformance", "G1")
def bounds_ignored(planter: Planter) -> None:
    integer = parameters._integer
    planter.setattr(parameters, "_integer", lambda schema, text: integer({"type": "integer"}, text))


@found_by("conformance", "G1")
def content_type_missing(planter: Planter) -> None:
    planter.setattr(rendering, "JSON", ((b"content-type", b"text/plain"),))
