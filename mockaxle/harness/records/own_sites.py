"""The sites of one part of a suite, which are removed at its end."""

from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType

from mockaxle.harness.account import CheckedAccount
from mockaxle.harness.answer import Answer
from mockaxle.harness.bodies import LIMITED_PAUSE, charger, external_id, home
from mockaxle.harness.json_values import Json, JsonObject
from mockaxle.harness.names import CONSENTED
from mockaxle.harness.operations import FIND_ASSET, INITIALISE, LIST_ASSETS, LIST_SITES, ONBOARD, READ_ASSET, READ_SITE
from mockaxle.harness.run import Judge, NotTestable, Run

MANY = 100
"""Assets that are listed at a time."""


class OwnSites:
    """Shape: `mpans` are free, one for each site of the part; `refused` is the account for calls to be refused."""

    def __init__(self, judge: Judge, name: str, *, count: int = 1) -> None:
        """Raises: NotTestable if there are too few MPANs."""
        self.judge = judge
        self.run: Run = judge.run
        self.account: CheckedAccount = self.run.main
        self.refused: CheckedAccount = replace(self.run.main, allowed=False)
        self.mpans = self.run.homes.several(count)
        self._name = name
        self._before = set(self.run.target.created)

    def __enter__(self) -> "OwnSites":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Remove the part's sites, unless the run itself is ending."""
        if kind is None or kind is NotTestable:
            self.run.take_away_new(self._before)

    def has(self, *operations: str) -> bool:
        """Tell whether the profile has the operations."""
        return all(one in self.run.keys for one in operations)

    def external_id(self, name: str) -> str:
        return external_id(self.run, f"{self._name}-{name}")

    def street(self, number: int = 1) -> str:
        """Make a street address that no other site has."""
        return f"{number} {self.external_id('street')}"

    def charger(self, name: str = "charger", **more: Json) -> dict[str, Json]:
        return {**charger(self.run, f"{self._name}-{name}"), **more}

    def bare(self, name: str, type: str = "charger", **more: Json) -> dict[str, Json]:
        """Make an asset with the required fields only, and those given."""
        return {"external_id": self.external_id(name), "type": type, **more}

    def home(self, place: int = 0, **more: Json) -> dict[str, Json]:
        """Make the details of a site at one of the MPANs."""
        return {**home(self.mpans[place]), **more}

    def unconsented(self, place: int = 0) -> dict[str, Json]:
        """Make the details of a site without consent."""
        details = self.home(place)
        del details[CONSENTED]
        return details

    def upsert(
        self, operation: str, site: JsonObject, *assets: Json, allowed: bool = True, proposition: str = LIMITED_PAUSE
    ) -> Answer:
        """Initialise or onboard a site."""
        body: dict[str, Json] = {"site": site, "assets": list(assets)}
        if operation == ONBOARD:
            body["proposition"] = proposition
        return (self.account if allowed else self.refused).call(operation, body)

    @property
    def upserts(self) -> str:
        """The upsert of the profile that changes least. Raises: NotTestable if there is none."""
        if not self.has(INITIALISE):
            self.run.needs(ONBOARD)
        return INITIALISE if self.has(INITIALISE) else ONBOARD

    def made(self, site: JsonObject, *assets: Json, operation: str = "") -> str:
        """Create a site and return its id. Raises: NotTestable if it is not created."""
        return self.id(self.upsert(operation or self.upserts, site, *assets), "site", "site_id", of="U1a")

    def id(self, answer: Answer, *keys: str | int, of: str = "") -> str:
        """Return an id of an answer, which must be accepted if a statement says so. Raises: NotTestable."""
        if of:
            self.accepted(answer, of=of)
        found = answer.text_at(*keys)
        if not answer.is_good or found is None:
            raise NotTestable(f"{answer.operation} gives no id: {answer.shown:.100}")
        return found

    def read(self, site_id: str) -> Answer:
        """Read a site, which the watch compares with what was written."""
        return self.account.call(READ_SITE, site_id=site_id)

    def read_assets(self, answer: Answer) -> None:
        """Read the assets of an upsert's answer."""
        for one in answer.objects_at("assets") if self.has(READ_ASSET) else ():
            if isinstance(asset_id := one.get("asset_id"), str):
                self.account.call(READ_ASSET, asset_id=asset_id)

    def list_assets(self) -> None:
        """List all assets, or the last ones if there are many."""
        if self.has(LIST_ASSETS):
            total = self.account.call(LIST_ASSETS, query={"limit": MANY}).value("total_num_assets")
            if isinstance(total, int) and total > MANY:
                self.account.call(LIST_ASSETS, query={"limit": MANY, "offset": total - MANY})

    def stored_nothing(self, external_id: str = "", *, of: str, place: int = 0) -> None:
        """Judge that neither a site at an MPAN nor an asset exists after a refused call."""
        if self.has(LIST_SITES):
            listed = self.account.call(LIST_SITES, query={"mpan": self.mpans[place]})
            absent = not any(one.get("mpan") == self.mpans[place] for one in listed.objects_at("sites"))
            title = "a refused call stores its site"
            self.judge.expect(absent, listed, of=of, title=title, expected="no site at its MPAN")
        if self.has(FIND_ASSET) and external_id:
            found = self.refused.call(FIND_ASSET, external_id=external_id)
            self.judge.status(found, 404, of=of, title="a refused call stores its asset")

    def accepted(self, answer: Answer, *, of: str) -> bool:
        """Judge that a call is accepted."""
        title = f"{answer.operation} refuses a valid request"
        return self.judge.expect(answer.is_good, answer, of=of, title=title, expected="200")

    def calls(self, operations: Mapping[str, Json], **ids: str) -> None:
        """Make each call of the profile, for the watch."""
        for operation, body in operations.items():
            if self.has(operation):
                self.account.call(operation, body, ids=ids)
