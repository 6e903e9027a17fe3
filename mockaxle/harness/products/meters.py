"""Look-ups of meters: by postcode and address, by a typed MPAN, and the older calls. Source: G6, G7, Q8-Q11."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from mockaxle.harness.answer import Answer
from mockaxle.harness.json_values import Json, JsonObject
from mockaxle.harness.names import NOBODY
from mockaxle.harness.operations import (
    CHECK_ELIGIBILITY,
    METER_BY_ADDRESS,
    METER_BY_ADDRESS_OLDER,
    METER_BY_MPAN,
    METER_BY_MPAN_OLDER,
    METER_BY_REF,
    METER_BY_REF_OLDER,
    SEARCH_METERS,
    VALIDATE_MPAN,
)
from mockaxle.harness.products.judging import accepted, needs_any, refusable, refused
from mockaxle.harness.products.magic import POSTCODES, mpans_of
from mockaxle.harness.run import MPAN_WEIGHTS, Judge, NotTestable, Run

NOWHERE = "1 No Such Street, ZZ9 9ZZ"
COMPLETE = ("10 High Street, M1 1AE", "Rose Cottage, Mill Lane, BA2 3DQ", "Flat 2, 14 Mill Lane, Bath ba2 3dq")
INCOMPLETE = ("10 High Street, London", "10 High Street, M1", ", High Street, M1 1AE", "- 10 High Street, M1 1AE")
"""Addresses with a postcode after a number or a name, and others. Source: Q11."""

FAILING = (503, 504)
"""The statuses of a provider of meter data that fails, which is no fault of the server. Source: E6."""

PAIRS = ((METER_BY_MPAN, METER_BY_MPAN_OLDER), (METER_BY_ADDRESS, METER_BY_ADDRESS_OLDER))


class MeterWay(NamedTuple):
    """A way to a meter, with the statement that it leads there, and the answer."""

    of: str
    answer: Answer


def typed_mpans(judge: Judge) -> None:
    """Validate an MPAN and wrong ones, and read its meter. Raises: NotTestable."""
    run = judge.run
    mpan = run.homes.next()
    if METER_BY_MPAN in run.keys:
        _ways_agree(judge, list(_by_mpan(run, mpan)))
    _judge_length(judge, mpan)
    run.needs(VALIDATE_MPAN)
    if mpan[-1] == _check_digit(mpan):
        valid = run.main.call(VALIDATE_MPAN, {"mpan": mpan})
        judge.status(valid, 200, of="Q9b", title="an MPAN with a right check digit is refused")
        said, title = valid.value("isValid"), "an MPAN with a right check digit is not called valid"
        judge.expect(said is True, valid, of="Q9b", title=title, expected="isValid true")
    wrong_digit = mpan[:-1] + str((int(_check_digit(mpan)) + 1) % 10)
    for wrong, what in (
        (wrong_digit, "a wrong check digit"),
        (mpan[:-1], "12 digits"),
        (f"{mpan}0", "14 digits"),
        (f"{mpan[:-1]}X", "a letter"),
        ("", "no digits"),
    ):
        _judge_invalid(judge, refusable(run).call(VALIDATE_MPAN, {"mpan": wrong}), what)


def _judge_length(judge: Judge, mpan: str) -> None:
    """Check that look-ups refuse an MPAN of another length."""
    for operation in (METER_BY_MPAN, CHECK_ELIGIBILITY):
        if operation in judge.run.keys:
            answer = refusable(judge.run).call(operation, {"mpan": mpan[:-1]})
            judge.status(answer, 422, of="U8a", title="an MPAN of 12 digits is not refused with 422")


def _judge_invalid(judge: Judge, answer: Answer, what: str) -> None:
    refused(judge, answer, of="Q9b", title=f"an MPAN with {what} is valid")
    title = f"an MPAN with {what} is not refused with a reason"
    reasons = bool(answer.list_at("detail"))
    judge.expect(answer.status == 400 and reasons, answer, of="Q10a", title=title, expected="400 with reasons")


def _check_digit(mpan: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(mpan[:-1], MPAN_WEIGHTS, strict=True))
    return str(total % 11 % 10)


def listed_meters(judge: Judge) -> None:
    """Search postcodes, and read each meter found in every way. Raises: NotTestable."""
    run = judge.run
    run.needs(SEARCH_METERS, METER_BY_REF)
    found = False
    for postcode in POSTCODES:
        search, again = (run.main.call(SEARCH_METERS, query={"postcode": postcode}) for _ in range(2))
        if search.status in FAILING:
            raise NotTestable("the provider of meter data fails")
        accepted(judge, search, of="Q9a", title="a postcode cannot be searched")
        places = search.objects_at()
        texts = [str(one.get("address")) for one in places]
        same = texts == [str(one.get("address")) for one in again.objects_at()]
        title = "a second search answers other addresses"
        judge.expect(same, again, of="Q9a", title=title, expected=f"{len(texts)} addresses")
        refs = {str(one.get("ref")) for one in places}
        title = "two addresses have the same ref"
        judge.expect(len(refs) == len(places), search, of="Q9a", title=title, expected="a ref of its own each")
        for one in places:
            found = True
            _judge_place(judge, one, postcode=postcode)
    for operation in (METER_BY_REF, METER_BY_REF_OLDER):
        if operation in run.keys:
            unknown = refusable(run).call(operation, meter_ref=NOBODY)
            refused(judge, unknown, of="Q9a", title="a ref that no search answered leads to a meter")
    if not found:
        raise NotTestable(f"it needs a meter at one of the postcodes {', '.join(POSTCODES)}")


def _judge_place(judge: Judge, place: JsonObject, *, postcode: str) -> None:
    """Read the meter of an address by its ref, by the address and by its MPAN."""
    run, ref, address = judge.run, str(place.get("ref")), str(place.get("address"))
    address = address if postcode in address.upper() else f"{address}, {postcode}"
    account = refusable(run)
    ways = [MeterWay("Q9a", account.call(METER_BY_REF, meter_ref=ref))]
    if METER_BY_REF_OLDER in run.keys:
        ways.append(MeterWay("G6a", account.call(METER_BY_REF_OLDER, meter_ref=ref)))
    if METER_BY_ADDRESS in run.keys:
        ways.append(MeterWay("Q9a", account.call(METER_BY_ADDRESS, {"address": address})))
    if METER_BY_ADDRESS_OLDER in run.keys:
        ways.append(MeterWay("G6a", account.call(METER_BY_ADDRESS_OLDER, query={"address": address})))
    mpans = Counter(mpan for way in ways if (mpan := way.answer.text_at("mpan")))
    if mpans:
        ways += _by_mpan(run, mpans.most_common(1)[0][0])
    _ways_agree(judge, ways)


def _by_mpan(run: Run, mpan: str) -> Iterator[MeterWay]:
    account = refusable(run)
    if METER_BY_MPAN in run.keys:
        yield MeterWay("Q9b", account.call(METER_BY_MPAN, {"mpan": mpan}))
        yield MeterWay("Q9b", account.call(METER_BY_MPAN, {"mpan": mpan}))
    if METER_BY_MPAN_OLDER in run.keys:
        yield MeterWay("G6a", account.call(METER_BY_MPAN_OLDER, mpan=mpan))


def _ways_agree(judge: Judge, ways: list[MeterWay]) -> None:
    """Check that all ways lead to the same meter with the same fields, or none to any: the most frequent answer."""
    if not ways:
        return
    mpan = _usual([way.answer.text_at("mpan") if way.answer.status == 200 else None for way in ways])
    title = "one way to a meter leads elsewhere than the others"
    for way in ways:
        found = way.answer.text_at("mpan") if way.answer.status == 200 else None
        judge.expect(found == mpan, way.answer, of=way.of, title=title, expected=f"mpan {mpan}" if mpan else "no meter")
    there = [way for way in ways if mpan is not None and way.answer.text_at("mpan") == mpan]
    usual = _usual([_fields(way.answer) for way in there])
    for way in there:
        title = "a meter has other fields by one way than by the others"
        for of in ("Q8a", "G6a") if way.of == "G6a" else ("Q8a",):
            judge.expect(_fields(way.answer) == usual, way.answer, of=of, title=title, expected=f"{usual}")


def _fields(answer: Answer) -> str:
    """Spell the fields of a meter, so that equal ones have equal spellings."""
    found = answer.json if isinstance(answer.json, dict) else {}
    values: dict[str, Json] = {name: found[name] for name in sorted(found) if found[name] is not None}
    values["eligible_markets"] = sorted(answer.texts_at("eligible_markets"))
    return str(values)


def _usual(values: list[str | None]) -> str | None:
    return Counter(values).most_common(1)[0][0] if values else None


def missing_meters(judge: Judge) -> None:
    """Ask for meters that may not be there: 202 in the newer calls, 422 in the older ones. Raises: NotTestable."""
    run, found = judge.run, False
    needs_any(run, METER_BY_MPAN, METER_BY_ADDRESS)
    if VALIDATE_MPAN in run.keys:
        for mpan in mpans_of(run):
            refusable(run).call(VALIDATE_MPAN, {"mpan": mpan})
    for newer, older in PAIRS:
        for asked in mpans_of(run) if newer == METER_BY_MPAN else (NOWHERE,):
            found |= newer in run.keys and _judge_missing(judge, newer, older=older, asked=asked)
    if not found:
        raise NotTestable("it needs an MPAN or an address without a meter")


def _judge_missing(judge: Judge, newer: str, *, older: str, asked: str) -> bool:
    """Return whether there is no meter."""
    account, name = refusable(judge.run), "mpan" if newer == METER_BY_MPAN else "address"
    new = account.call(newer, {name: asked})
    if new.status in FAILING:
        return False
    text = new.status == 200 or isinstance(new.value("detail"), str)
    title = '"no meter" is not 202 with an error body'
    judge.expect(new.status in (200, 202) and text, new, of="G7c", title=title, expected="202 with a text as detail")
    if older not in judge.run.keys:
        return new.status == 202
    old = account.call(older, mpan=asked) if name == "mpan" else account.call(older, query={"address": asked})
    if new.status == 202:
        judge.status(old, 422, of="Q9c", title="a deprecated call is not 422 where the newer one is 202")
    elif new.status == 200:
        judge.status(old, 200, of="G6a", title="a deprecated call does not find the meter that the newer one finds")
    return new.status == 202 or old.status == 422


def addresses(judge: Judge) -> None:
    """Send complete and incomplete addresses. Raises: NotTestable."""
    run, account = judge.run, refusable(judge.run)
    needs_any(run, METER_BY_ADDRESS, METER_BY_ADDRESS_OLDER)
    for address in (*COMPLETE, *INCOMPLETE):
        if METER_BY_ADDRESS in run.keys:
            answer = account.call(METER_BY_ADDRESS, {"address": address})
            if address in COMPLETE:
                title = "a complete address is refused"
                judge.status(answer, 200, 202, of="Q11a", title=title)
            else:
                judge.status(answer, 422, of="Q11a", title="an incomplete address is not refused with 422")
        if METER_BY_ADDRESS_OLDER in run.keys and address in INCOMPLETE:
            older = account.call(METER_BY_ADDRESS_OLDER, query={"address": address})
            judge.status(older, 422, of="Q11a", title="an incomplete address is not refused with 422 by the older call")
