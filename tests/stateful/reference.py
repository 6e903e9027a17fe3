"""A tiny model of sites' lives, made from rule L0 by hand and sharing nothing with the package.

Every home is half-hourly settled with consent, and every asset a charger, so a site is eligible when it has one.
"""

from dataclasses import dataclass, field

PROPOSITIONS = ("limited_pause", "full_asset_schedule_control")
METHODS = ("cm_infrequent_dispatch", "full_asset_schedule_control", "limited_pause", "vpp_limited_control")
MPANS = ("1000000000012", "1000000000098", "1000000000099")
EXTERNAL_IDS = ("a", "b", "c", "d")


@dataclass
class Home:
    standings: dict[str, str] = field(default_factory=lambda: dict.fromkeys(METHODS, "out"))
    chargers: list[str] = field(default_factory=list)

    @property
    def methods_in(self) -> list[str]:
        return [method for method in METHODS if self.standings[method] == "in"]


@dataclass
class Model:
    homes: dict[str, Home] = field(default_factory=dict)

    def owner(self, external_id: str) -> str | None:
        return next((mpan for mpan, home in self.homes.items() if external_id in home.chargers), None)

    def enter(self, home: Home, proposition: str, *, override: bool) -> int:
        """The status of an enrol or onboard at a home that is there."""
        standing = home.standings[proposition]
        if standing != "in" and ((standing == "withdrawn" and not override) or not home.chargers):
            return 422
        home.standings[proposition] = "in"
        return 200

    def initialise(self, mpan: str, external_ids: list[str]) -> int:
        if any(self.owner(external_id) not in (None, mpan) for external_id in external_ids):
            return 409
        home = self.homes.setdefault(mpan, Home())
        home.chargers += [external_id for external_id in external_ids if external_id not in home.chargers]
        return 200

    def onboard(self, mpan: str, external_ids: list[str], proposition: str, *, override: bool) -> int:
        attempt = Model({m: Home(dict(h.standings), list(h.chargers)) for m, h in self.homes.items()})
        status = attempt.initialise(mpan, external_ids)
        if status == 200:
            status = attempt.enter(attempt.homes[mpan], proposition, override=override)
        if status == 200:
            self.homes = attempt.homes
        return status

    def unenrol(self, mpan: str, method: str) -> None:
        home = self.homes[mpan]
        if home.standings[method] == "in":
            home.standings[method] = "withdrawn" if method in PROPOSITIONS else "out"

    def consent(self, mpan: str, methods: list[str]) -> None:
        self.homes[mpan].standings.update(dict.fromkeys(methods, "in"))

    def add_charger(self, mpan: str, external_id: str) -> int:
        if self.owner(external_id):
            return 409
        self.homes[mpan].chargers.append(external_id)
        return 200

    def offboard(self, mpan: str) -> int:
        if not self.homes[mpan].chargers:
            return 400
        del self.homes[mpan]
        return 200

    def delete(self, mpan: str) -> int:
        if self.homes[mpan].chargers or self.homes[mpan].methods_in:
            return 400
        del self.homes[mpan]
        return 204
