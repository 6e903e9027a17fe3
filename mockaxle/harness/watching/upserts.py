"""Predicts the reports of onboard and initialise: what was created, filled in, or differs. Source: U1-U3, L7."""

from collections.abc import Iterator, Set
from typing import NamedTuple

from mockaxle.harness.answer import Answer
from mockaxle.harness.call import MadeCall
from mockaxle.harness.json_values import Json, JsonObject
from mockaxle.harness.operations import INITIALISE, ONBOARD
from mockaxle.harness.watching.checked import Checked, equal
from mockaxle.harness.watching.effects import enter, new_asset, new_site
from mockaxle.harness.watching.memory import HIDDEN, METHODS, Known, Memory
from mockaxle.harness.watching.values import objects

STORED_AS = {"street_address": "address"}
"""Fields of a request that an answer names otherwise. Source: U10."""

NEVER_FILLED = frozenset(("type", "mpan", "external_id"))


class UpsertReport(NamedTuple):
    """What an answer says of a site or an asset, and what was sent.

    Shape: `fills` is the statement that missing fields are filled in.
    """

    called: str
    sent: JsonObject
    said: JsonObject
    fills: str

    def names(self, name: str) -> set[str]:
        found = self.said.get(name)
        return {str(one) for one in found} if isinstance(found, list) else set()


def upserted(memory: Memory, call: MadeCall, *, answer: Answer) -> Iterator[Checked]:
    """Yield the cases of an accepted upsert, and note its effect."""
    if call.operation not in (ONBOARD, INITIALISE) or not answer.is_good:
        return
    said = answer.value("site")
    if not isinstance(said, dict) or not isinstance(said.get("site_id"), str):
        return  # the document says what is wrong
    before = memory.site_at(call.object_at("site").get("mpan"))
    report = UpsertReport("a site", call.object_at("site"), said, _fills(call, before))
    yield from _site(memory, report, before)
    site = memory.known("site", str(said["site_id"]))
    yield from _assets(memory, call, answer, site_id=site.id)
    yield from _rest(call, answer, site=site)


def _fills(call: MadeCall, site: Known | None) -> str:
    """Return the statement by which an upsert fills in missing fields."""
    is_enrolled = site is not None and call.object_at().get("proposition") in site.texts(METHODS)
    return "L0l" if is_enrolled and call.operation == ONBOARD else "U3a"


def _site(memory: Memory, report: UpsertReport, before: Known | None) -> Iterator[Checked]:
    id, mpan = str(report.said["site_id"]), report.sent.get("mpan")
    of = "L7a" if memory.left(mpan) else "U2b"
    of = "U1d" if str(mpan) in memory.refused and before is None else of
    yield equal(of, report.said.get("site_created"), expected=before is None, title="site_created is wrong")
    if before is None:
        fresh = id not in memory.sites
        yield Checked("L7a", fresh, "a new site has the id of an earlier one", "a fresh site_id")
        yield from _of_new(report)
        new_site(memory, id, details=report.sent, of="U1a", of_address="U1a")
        return
    yield equal("U1c", id, expected=before.id, title="a repeated upsert answers another site")
    yield from _filled(before, report)


def _of_new(report: UpsertReport) -> Iterator[Checked]:
    """Yield the case of a new object. A model may be unknown to the server, which no documented rule forbids to say."""
    title = f"fields_updated or warnings of {report.called} are not empty on creation"
    warnings = [one for one in report.names("warnings") if report.sent.get("asset_model") is None or "model" not in one]
    yield Checked("U2c", not report.names("fields_updated") and not warnings, title, "both empty")


def _filled(before: Known, report: UpsertReport) -> Iterator[Checked]:
    """Yield the cases of a known site or asset, and note what was filled in."""
    sent = {name: value for name, value in report.sent.items() if name not in NEVER_FILLED and value is not None}
    fates = {name: _fate(before, name, value) for name, value in sent.items() if _stored_as(name) in before.fields}
    filled = {name for name, fate in fates.items() if fate.fills}
    differing = {name for name, fate in fates.items() if fate.differs}
    yield _reported(before, report, unknown=sent.keys() - fates.keys(), filled=filled)
    if fates.keys() == sent.keys():
        yield from _warned(before, report, filled=filled, differing=differing)
    before.expect("U1c", *(before.fields.keys() - HIDDEN))
    before.expect("U3c", *map(_stored_as, differing))
    for name in filled:
        _fill(before, report, name)


class _Fate(NamedTuple):
    """Whether a value that is sent again fills in a part of the stored one, and whether it differs from it."""

    fills: bool
    differs: bool


def _stored_as(name: str) -> str:
    return STORED_AS.get(name, name)


def _fate(before: Known, name: str, value: Json) -> _Fate:
    stored = before.fields[_stored_as(name)]
    if isinstance(value, dict):
        known = stored if isinstance(stored, dict) else {}
        pairs = [(known.get(key), part) for key, part in value.items() if part is not None]
        return _Fate(any(one is None for one, _ in pairs), any(one not in (None, other) for one, other in pairs))
    return _Fate(stored is None, before.differs(_stored_as(name), value))


def _fill(before: Known, report: UpsertReport, name: str) -> None:
    """Note a field that was filled in; properties are merged key by key."""
    value, stored = report.sent[name], before.fields[_stored_as(name)]
    if isinstance(value, dict) and isinstance(stored, dict):
        parts = {key: part for key, part in stored.items() if part is not None}
        merged = "U3c" if any(parts.get(key, part) != part for key, part in value.items()) else "U3e"
        before.write(merged if parts else report.fills, {name: {**value, **parts}})
    else:
        before.write(report.fills, {_stored_as(name): value})


def _reported(before: Known, report: UpsertReport, *, unknown: Set[str], filled: set[str]) -> Checked:
    """Compare fields_updated. A field that no answer shows is judged by the call that wrote it."""
    said = report.names("fields_updated") - unknown
    surplus, lacking, of = said - filled, filled - said, "U3b"
    if surplus and surplus <= HIDDEN:
        of = before.judge(min(surplus))
    elif any(before.due.get(name) == ("U1d",) for name in lacking & HIDDEN):
        of = "U1d"
    title = f"fields_updated of {report.called} is wrong"
    return Checked(of, said == filled, title, f"fields_updated {sorted(filled)}")


def _warned(before: Known, report: UpsertReport, *, filled: set[str], differing: set[str]) -> Iterator[Checked]:
    warnings = " ".join(report.names("warnings"))
    unnamed = [name for name in differing if name not in warnings]
    title = f"a different value of {report.called} is not reported"
    yield Checked("U3d", not unnamed, title, f"a warning for each of {sorted(differing)}")
    if not differing and "asset_model" not in filled:
        yield Checked("U3d", not warnings, f"a warning of {report.called} without a different value", "no warnings")
    shown = [name for name in differing if len(text := str(before.fields[_stored_as(name)])) > 3 and text in warnings]
    title = f"a warning of {report.called} holds a stored value"
    yield Checked("U3d", not shown, title, "the name of the field only")


def _assets(memory: Memory, call: MadeCall, answer: Answer, *, site_id: str) -> Iterator[Checked]:
    sent, said = objects(call.object_at().get("assets")), answer.objects_at("assets")
    names, wanted = ([str(one.get("external_id")) for one in listed] for listed in (said, sent))
    complete = sorted(names) == sorted(wanted)
    yield Checked("U2a", complete, "the answer does not list the assets sent", ", ".join(wanted))
    if not complete:
        return
    yield Checked("U2d", names == wanted, "the answer lists the assets in another order", ", ".join(wanted))
    ordered = sorted(said, key=lambda one: wanted.index(str(one["external_id"])))
    for sent_one, said_one in zip(sent, ordered, strict=True):
        report = UpsertReport("an asset", sent_one, said_one, _fills(call, memory.sites.get(site_id)))
        yield from _asset(memory, report, site_id=site_id)


def _asset(memory: Memory, report: UpsertReport, *, site_id: str) -> Iterator[Checked]:
    id, before = str(report.said.get("asset_id")), memory.asset_named(report.sent.get("external_id"))
    created = report.said.get("asset_created")
    if before is None:
        yield equal("U2b", created, expected=True, title="asset_created is wrong for a new asset")
        yield Checked("L7a", id not in memory.assets, "a new asset has the id of an earlier one", "a fresh asset_id")
        yield from _of_new(report)
        new_asset(memory, id, details=report.sent, site_id=site_id, of="U1a")
        return
    if not _is_same_asset(before, report, site_id=site_id):
        return  # it had to be refused, as the suites know
    of = "U2b" if id == before.id else "U5a"
    yield equal(of, created, expected=False, title="asset_created is wrong for a known asset")
    is_other = id in memory.assets and not memory.assets[id].gone
    yield equal("U2a" if is_other else "U5a", id, expected=before.id, title="a repeated upsert answers another asset")
    if id == before.id:
        yield from _filled(before, report)


def _is_same_asset(before: Known, report: UpsertReport, *, site_id: str) -> bool:
    values = {"type": report.sent.get("type"), "site_id": site_id}
    return all(before.fields.get(name, value) == value for name, value in values.items())


def _rest(call: MadeCall, answer: Answer, *, site: Known) -> Iterator[Checked]:
    part = "enrolment" if call.operation == ONBOARD else "eligibility"
    if isinstance(answer.value(part), dict):
        title = f"{part}.site_id is not that of the site"
        yield equal("U2a", answer.value(part, "site_id"), expected=site.id, title=title)
    if call.operation != ONBOARD:
        site.expect("L0b", METHODS)
    elif METHODS in site.fields:
        proposition = str(call.object_at().get("proposition"))
        word = "already_enrolled" if proposition in site.texts(METHODS) else "enrolled"
        yield equal("L0a", answer.value("enrolment", "status"), expected=word, title="enrolment.status is wrong")
        enter(site, proposition, of="U1b")
