"""What a run knows of its organisation's sites and assets, from what it wrote and read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from mockaxle.harness.json_values import Json, JsonObject
from mockaxle.harness.watching.values import same

Kind = Literal["site", "asset"]
A_KIND: Mapping[Kind, str] = {"site": "a site", "asset": "an asset"}
HIDDEN = frozenset(("email", "asset_model", "installation_date", "serial_number"))
"""Fields that no answer holds. Source: U10, U13."""

NAMING = frozenset(("mpan", "external_id", "site_id"))
"""Fields by which a site or an asset is found."""

METHODS = "dispatch_methods"
STANDING = {METHODS: "L13a", "asset_ids": "L13d"}
UNTOUCHED = "U14b"


@dataclass(slots=True)
class Known:
    """A site or an asset. Shape: a field that is None is absent at the server; one that is missing here is unknown.

    `written` has the statement by which each field was written, `due` those that judge a field's next answers, the next
    first. `doubted` are fields that were answered wrong. `there` is the statement by which it exists, `gone` that by
    which it does not, each empty if there is none.
    """

    kind: Kind
    id: str
    fields: dict[str, Json] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    due: dict[str, tuple[str, ...]] = field(default_factory=dict)
    doubted: set[str] = field(default_factory=set)
    there: str = ""
    gone: str = ""

    def write(self, of: str, fields: JsonObject, *, then: str = "") -> None:
        """Note written values, with the statement that they must be seen by, and that of the look after."""
        self.fields |= fields
        self.doubted -= fields.keys()
        self.written |= dict.fromkeys(fields, of)
        self.expect(of, *fields, then=then)

    def expect(self, of: str, *names: str, then: str = "") -> None:
        """Note the statement by which known fields of the next answer are judged, and that of the look after."""
        self.due |= dict.fromkeys(self.fields.keys() & names, (of, then) if then else (of,))

    def read(self, name: str, value: Json) -> None:
        """Note a value that was answered."""
        if name not in self.doubted:
            self.fields[name] = value

    def doubt(self, name: str) -> None:
        """Know nothing of a field until it is written again, so that a wrong value has no further findings."""
        if name not in NAMING:
            self.doubted.add(name)
            del self.fields[name]

    def judge(self, name: str) -> str:
        """Return the statement that a field of an answer is judged by."""
        of, *later = self.due.pop(name, ()) or (STANDING.get(name) or self.written.get(name, UNTOUCHED),)
        if later:
            self.due[name] = tuple(later)
        return of

    @property
    def is_active(self) -> bool:
        return bool(self.texts(METHODS))

    @property
    def called(self) -> str:
        """Its kind with an article."""
        return A_KIND[self.kind]

    def texts(self, name: str) -> list[str]:
        found = self.fields.get(name)
        return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []

    def misses(self, name: str, value: Json) -> bool:
        """Tell whether a value would fill in a field."""
        return value is not None and name in self.fields and self.fields[name] is None

    def differs(self, name: str, value: Json) -> bool:
        """Tell whether a value differs from a stored one. Source: U9, U10."""
        stored = self.fields.get(name)
        if value is None or stored is None:
            return False
        if name == "address":
            return " ".join(str(value).split()).casefold() != " ".join(str(stored).split()).casefold()
        return not same(name, stored, other=value)


@dataclass(slots=True)
class Memory:
    """Sites and assets by id.

    Shape: `intents` has the last intent of each asset; `created` has the ids of those that this run created, in order.
    `registers` has the accepted values of each asset's register, by asset and label and then by their ends; `waits` the
    days of each site's wait for a withdrawal; `refused` the MPANs of refused calls at which no site was known.
    """

    sites: dict[str, Known] = field(default_factory=dict)
    assets: dict[str, Known] = field(default_factory=dict)
    intents: dict[str, JsonObject] = field(default_factory=dict)
    created: list[str] = field(default_factory=list)
    registers: dict[tuple[str, str], dict[datetime, float]] = field(default_factory=dict)
    waits: dict[str, int] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)

    def of_kind(self, kind: Kind) -> dict[str, Known]:
        return self.sites if kind == "site" else self.assets

    def live(self, kind: Kind) -> Iterator[Known]:
        return (one for one in self.of_kind(kind).values() if not one.gone)

    def site_at(self, mpan: Json) -> Known | None:
        """Return the live site with an MPAN."""
        return next((one for one in self.live("site") if mpan and one.fields.get("mpan") == mpan), None)

    def left(self, mpan: Json) -> bool:
        """Tell whether a site with an MPAN was removed."""
        return any(one.gone and one.fields.get("mpan") == mpan for one in self.sites.values())

    def asset_named(self, external_id: Json) -> Known | None:
        """Return the live asset with an external id."""
        named = (one for one in self.live("asset") if one.fields.get("external_id") == external_id)
        return next(named, None) if external_id is not None else None

    def known(self, kind: Kind, id: str) -> Known:
        """Return a site or an asset, noting a new one."""
        return self.of_kind(kind).setdefault(id, Known(kind, id))

    def create(self, kind: Kind, id: str, *, of: str) -> Known:
        """Note a site or an asset that this run created, by a statement."""
        self.of_kind(kind)[id] = Known(kind, id, there=of)
        self.created.append(id)
        return self.of_kind(kind)[id]

    def remove_site(self, id: str, *, of: str, of_assets: str) -> None:
        """Note that a site is gone with its assets, each with the statement that says so."""
        site = self.known("site", id)
        site.gone = of
        for asset in list(self.live("asset")):
            if asset.fields.get("site_id") == id or asset.id in site.texts("asset_ids"):
                asset.gone = of_assets

    def remove_asset(self, id: str, *, of: str) -> None:
        asset = self.known("asset", id)
        asset.gone = of
        site = self.sites.get(str(asset.fields.get("site_id")))
        if site is not None and "asset_ids" in site.fields:
            site.fields["asset_ids"] = [one for one in site.texts("asset_ids") if one != id]

    def forget(self) -> None:
        """Forget everything, after a call whose effect is unknown."""
        self.sites.clear()
        self.assets.clear()
        self.intents.clear()
        self.created.clear()
        self.registers.clear()
        self.waits.clear()
        self.refused.clear()
