"""The harness's model of homes, and what it lacks: homes of one organisation, whose assets are each at one of them.

Every home is half-hourly settled with consent, and every asset a charger, so a site is eligible when it has one.
"""

from copy import deepcopy
from dataclasses import dataclass, field

from mockaxle.harness import run
from mockaxle.harness.home_model import PROPOSITIONS, HomeModel

__all__ = ["EXTERNAL_IDS", "METHODS", "MPANS", "PROPOSITIONS", "Model"]

METHODS = tuple(sorted(run.METHODS))
MPANS = ("1000000000012", "1000000000098", "1000000000099")
EXTERNAL_IDS = ("a", "b", "c", "d")


@dataclass
class Model:
    """Shape: homes that have a site, by their MPANs."""

    homes: dict[str, HomeModel] = field(default_factory=dict)

    def home(self, mpan: str) -> HomeModel:
        """A home of no site where the model has none."""
        return self.homes.get(mpan, HomeModel(mpan))

    def owner(self, external_id: str) -> str | None:
        return next((mpan for mpan, home in self.homes.items() if external_id in home.assets), None)

    def initialise(self, mpan: str, external_ids: list[str]) -> int:
        if any(self.owner(external_id) not in (None, mpan) for external_id in external_ids):
            return 409
        home = self.homes.setdefault(mpan, HomeModel(mpan, exists=True))
        home.assets |= dict.fromkeys(external_ids, "")
        return 200

    def onboard(self, mpan: str, external_ids: list[str], proposition: str, *, override: bool) -> int:
        """All of it or nothing."""
        before = deepcopy(self.homes)
        status = self.initialise(mpan, external_ids)
        if status == 200:
            status = self.enrol(mpan, proposition, override=override)
        if status != 200:
            self.homes = before
        return status

    def enrol(self, mpan: str, proposition: str, *, override: bool) -> int:
        return self.step("enrol, overriding" if override else "enrol", mpan, method=proposition)

    def dispatch(self, mpan: str, methods: list[str], *, giving: bool) -> int:
        for method in methods:
            self.step("dispatch-consent" if giving else "dispatch-deconsent", mpan, method=method)
        return 200 if self.home(mpan).exists else 404

    def step(self, call: str, mpan: str, *, method: str) -> int:
        """A call of the harness's table."""
        home = self.home(mpan)
        cell = home.cell(call, method)
        home.standings[method] = cell.standing
        return cell.status

    def add_charger(self, mpan: str, external_id: str) -> int:
        if not self.home(mpan).exists:
            return 404
        if self.owner(external_id):
            return 409
        self.homes[mpan].assets[external_id] = ""
        return 200

    def offboard(self, mpan: str) -> int:
        return self._leave(mpan, self.home(mpan).offboards_with())

    def delete(self, mpan: str) -> int:
        return self._leave(mpan, self.home(mpan).deletes_with())

    def _leave(self, mpan: str, status: int) -> int:
        if status < 300:
            del self.homes[mpan]
        return status
