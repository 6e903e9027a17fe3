"""Meters looked up in every way, and every magic MPAN."""

from typing import Any
from urllib.parse import quote

import pytest

from mockaxle.scenarios.shipped import default
from tests.calling import Answer, Caller

HALF_HOURLY, NOT_HALF_HOURLY, NON_DOMESTIC = "1000000000012", "1200000000020", "1400000000039"
NOT_FOUND, AMBIGUOUS, DOWN, TIMEOUT = "1600000000047", "1600000000056", "1700000000060", "1800000000073"
EXPORT, SAMPLE, UNLISTED = "1900000000087", "1234567890123", "1000000001099"
ADDRESS = {meter.mpan: f"{meter.address}, {meter.postcode}" for meter in default().meters or () if meter.address}
NOWHERE = "9 Nowhere Lane, London, SW1A 1AA"


def by_mpan(caller: Caller, mpan: str) -> Answer:
    return caller.post("/meter/by-mpan", {"mpan": mpan})


def by_mpan_older(caller: Caller, mpan: str) -> Answer:
    return caller.get(f"/meter/{mpan}")


def by_address(caller: Caller, mpan: str) -> Answer:
    return caller.post("/meter/by-address", {"address": ADDRESS.get(mpan, NOWHERE)})


def by_address_older(caller: Caller, mpan: str) -> Answer:
    return caller.get(f"/meter/?address={quote(ADDRESS.get(mpan, NOWHERE))}")


def validated(caller: Caller, mpan: str) -> Answer:
    return caller.post("/validation/mpan", {"mpan": mpan})


@pytest.mark.rule("Q7", "Q9", "E6", "G6", "G7")
@pytest.mark.parametrize(
    ("mpan", "statuses"),
    [
        # by MPAN, the older way, by address, the older way, validation
        (HALF_HOURLY, (200, 200, 200, 200, 200)),
        (NOT_HALF_HOURLY, (200, 200, 200, 200, 200)),
        (NON_DOMESTIC, (200, 200, 200, 200, 200)),
        (SAMPLE, (200, 200, 200, 200, 400)),
        (NOT_FOUND, (202, 422, 202, 422, 404)),
        (AMBIGUOUS, (202, 422, 202, 422, 200)),
        (DOWN, (504, 503, 503, 503, 200)),
        (TIMEOUT, (504, 504, 504, 504, 200)),
        (EXPORT, (200, 200, 200, 200, 404)),
        (UNLISTED, (200, 200, 202, 422, 200)),
        ("12345", (422, 422, 202, 422, 400)),
    ],
)
def test_each_magic_mpan_does_what_it_is_for(acme: Caller, mpan: str, statuses: tuple[int, ...]) -> None:
    calls = (by_mpan, by_mpan_older, by_address, by_address_older, validated)
    answers = [call(acme, mpan) for call in calls]
    assert tuple(answer.status for answer in answers) == statuses
    for answer in answers[:4]:
        assert answer.status == 200 or isinstance(answer.json["detail"], str)


@pytest.mark.rule("Q8")
@pytest.mark.parametrize(
    ("mpan", "settled", "markets"),
    [
        (HALF_HOURLY, True, ["cm", "dno", "wholesale"]),
        (NOT_HALF_HOURLY, False, ["cm", "dno"]),
        (NON_DOMESTIC, True, []),
        (EXPORT, True, []),
    ],
)
def test_a_meter_tells_how_it_is_settled_and_what_it_may_sell(
    acme: Caller, mpan: str, settled: bool, markets: list[str]
) -> None:
    found = by_mpan(acme, mpan).json
    assert (found["mpan"], found["half_hourly_settled"], found["eligible_markets"]) == (mpan, settled, markets)
    assert ("supplier_name" in found) is (mpan == HALF_HOURLY)


@pytest.mark.rule("Q7", "Q9")
def test_a_postcode_leads_to_addresses_and_a_ref_to_the_meter(acme: Caller) -> None:
    found = acme.get("/meter/search?postcode=sw1a1aa").json
    assert [one["address"] for one in found] == [f"{n} Mall Cottages, London" for n in (1, 2, 3)]
    for one, mpan in zip(found, (SAMPLE, HALF_HOURLY, NOT_HALF_HOURLY), strict=True):
        assert mpan not in one["ref"]
        assert acme.get(f"/meter/by-ref/{one['ref']}").json["mpan"] == mpan
        assert acme.get(f"/meter/{one['ref']}/mpan").json["mpan"] == mpan
    assert acme.get("/meter/search?postcode=sw1a1aa&building_identifier=2").json == found[1:2]
    assert acme.get("/meter/search?postcode=sw1a1aa&building_identifier=LONDON+mall").json == found
    assert acme.get("/meter/search?postcode=ZZ1+1ZZ").json == []


@pytest.mark.rule("E6")
@pytest.mark.parametrize(("postcode", "status"), [("BS1 5TR", 503), ("CF10 1EP", 504), ("EC1A 1BB", 200)])
def test_a_search_fails_as_its_provider_does(acme: Caller, postcode: str, status: int) -> None:
    assert acme.get(f"/meter/search?postcode={quote(postcode)}").status == status


@pytest.mark.rule("E6", "Q9")
def test_a_ref_that_was_never_given_out_or_is_of_no_one_meter_is_422(acme: Caller) -> None:
    other = Caller(acme.api, "beta").get("/meter/search?postcode=SW1A1AA").json[0]["ref"]
    chapel = acme.get("/meter/search?postcode=EC1A1BB&building_identifier=chapel").json[0]["ref"]
    for ref in ("x", "0-0000000000000000", other, chapel, "999999999-0000000000000000"):
        for path in (f"/meter/by-ref/{ref}", f"/meter/{ref}/mpan"):
            answer = acme.get(path)
            assert (answer.status, type(answer.json["detail"])) == (422, str)


@pytest.mark.rule("Q7")
@pytest.mark.parametrize("address", ["2 mall  cottages London sw1a1aa", "2 Mall Cottages, London, SW1A 1AA"])
def test_an_address_is_found_however_it_is_spelt(acme: Caller, address: str) -> None:
    assert acme.post("/meter/by-address", {"address": address}).json["mpan"] == HALF_HOURLY


@pytest.mark.rule("Q11", "E1")
@pytest.mark.parametrize(
    ("address", "lack"),
    [
        ("2 Mall Cottages, London", "holds no UK postcode"),
        ("", "holds no UK postcode"),
        ("2 Mall Cottages, SW1A 1A", "holds no UK postcode"),
        ("SW1A 1AA", "does not begin with a number or name"),
        ("SW1A 1AA, 2 Mall Cottages, London", "does not begin with a number or name"),
        (", Mall Cottages, London, SW1A 1AA", "does not begin with a number or name"),
    ],
)
def test_an_address_without_a_postcode_or_a_beginning_is_422(acme: Caller, address: str, lack: str) -> None:
    for answer in (
        acme.post("/meter/by-address", {"address": address}),
        acme.get(f"/meter/?address={quote(address)}"),
    ):
        assert (answer.status, answer.rules) == (422, ("Q11",))
        assert answer.json == {"detail": f"Address {address!r} {lack}"}


@pytest.mark.rule("Q11")
@pytest.mark.parametrize(
    ("address", "status"),
    [("The Old Chapel, Aldersgate Street, London EC1A1BB", 202), ("2 Mall Cottages, London, M1 1AE", 202)],
)
def test_an_address_begins_with_a_number_or_a_name_and_is_at_its_own_postcode(
    acme: Caller, address: str, status: int
) -> None:
    assert acme.post("/meter/by-address", {"address": address}).status == status


@pytest.mark.rule("Q10", "E1")
@pytest.mark.parametrize(
    ("mpan", "reasons"),
    [
        ("1234567890123", ["The check digit must be 6, not 3"]),
        ("123", ["MPAN must have 13 digits, this has 3 characters"]),
        ("12345678901ab", ["MPAN must consist of digits only"]),
        ("x", ["MPAN must have 13 digits, this has 1 characters", "MPAN must consist of digits only"]),
        ("١٢٣٤٥٦٧٨٩٠١٢٣", ["MPAN must consist of digits only"]),
    ],
)
def test_a_validation_says_everything_that_is_wrong(acme: Caller, mpan: str, reasons: list[str]) -> None:
    answer = validated(acme, mpan)
    assert (answer.status, answer.json) == (400, {"detail": reasons})


@pytest.mark.rule("Q10", "E1")
def test_a_valid_mpan_is_said_to_be_so_and_one_of_no_import_meter_is_404(acme: Caller) -> None:
    assert validated(acme, HALF_HOURLY).json == {"isValid": True}
    assert validated(acme, EXPORT).json == {"detail": [f"MPAN {EXPORT} is not a connected import meter"]}


@pytest.mark.rule("E5", "E1")
@pytest.mark.parametrize(
    ("path", "detail"),
    [("/meter/search", "query.postcode: field required"), ("/meter/", "query.address: field required")],
)
def test_a_query_that_lacks_what_it_needs_is_422(acme: Caller, path: str, detail: str) -> None:
    answer = acme.get(path)
    assert (answer.status, answer.json["detail"]) == (422, detail)


@pytest.mark.rule("G8")
@pytest.mark.parametrize("path", ["/meter/by-address", "/meter/by-mpan"])
def test_literal_paths_win_over_templates(acme: Caller, path: str) -> None:
    answer: Any = acme.get(path)
    assert (answer.status, answer.header("allow")) == (405, "POST")
