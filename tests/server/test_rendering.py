"""Replies are written as responses; the JSON of records is remembered."""

from collections.abc import Callable

from mockaxle.core.records import Site
from mockaxle.core.reference import Style
from mockaxle.server.call import OfRecord, PageOf, Reply
from mockaxle.server.operations.sites import site_response
from mockaxle.server.rendering import MAX_TEXT, RecordTexts, render
from mockaxle.wire.sites import SiteResponse, SiteResponsePage


def site(number: int) -> Site:
    return Site(f"id-{number}", number, mpan=None, postcode="M1 1AE")


def counting(made: list[Site]) -> Callable[[Site], SiteResponse]:
    def component(record: Site) -> SiteResponse:
        made.append(record)
        return site_response(record)

    return component


def test_the_json_of_a_record_is_written_once_for_each_style() -> None:
    texts, made, one = RecordTexts(), list[Site](), site(1)
    body = OfRecord(one, counting(made))
    for exclude_none in (True, False, True, False):
        texts.text(body, exclude_none=exclude_none)
    assert made == [one, one]


def test_a_changed_record_is_written_anew() -> None:
    texts, one = RecordTexts(), site(1)
    before = texts.text(OfRecord(one, site_response), exclude_none=True)
    after = texts.text(OfRecord(one._replace(postcode="M2 2AE"), site_response), exclude_none=True)
    assert (b"M1 1AE" in before, b"M2 2AE" in after) == (True, True)


def test_the_text_read_longest_ago_is_dropped_beyond_the_limit() -> None:
    texts, made, sites = RecordTexts(limit=2), list[Site](), [site(number) for number in range(3)]
    component = counting(made)
    for one in (*sites, sites[2], sites[1], sites[0]):
        texts.text(OfRecord(one, component), exclude_none=True)
    assert made == [*sites, sites[0]]


def test_a_page_of_records_is_written_as_its_component_is() -> None:
    sites = [site(number) for number in range(3)]
    counts = {"total_num_sites": 3, "total_num_pages": 1, "page_number": 1}
    for style in Style:
        for some in (sites, []):
            page = PageOf(SiteResponsePage(sites=[], **counts), tuple(OfRecord(one, site_response) for one in some))
            plain = SiteResponsePage(sites=[site_response(one) for one in some], **counts)
            texts = RecordTexts()
            assert render(Reply(page), style, texts=texts).body == render(Reply(plain), style, texts=texts).body


def test_a_long_text_is_not_kept() -> None:
    texts, made = RecordTexts(), list[Site]()
    body = OfRecord(site(1)._replace(street_address="x" * MAX_TEXT), counting(made))
    for _ in range(2):
        texts.text(body, exclude_none=True)
    assert made == [body.record, body.record]
