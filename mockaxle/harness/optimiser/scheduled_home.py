"""A home whose charger gets the schedules of the optimiser suite, and the judgement of each answer."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from mockaxle.harness.answer import Answer
from mockaxle.harness.bodies import charger, external_id, onboarding
from mockaxle.harness.json_values import Json
from mockaxle.harness.operations import ONBOARD, PLUG_IN_SCHEDULE
from mockaxle.harness.optimiser.answers import ScheduleSent, judged
from mockaxle.harness.optimiser.market import Forecast, Period, forecast
from mockaxle.harness.optimiser.schedules import MODELLED, SentSchedule, periods
from mockaxle.harness.run import Judge, NotTestable, Run
from mockaxle.harness.server_settings import now_of
from mockaxle.harness.watching.checked import Checked

SUITE = "optimiser"
FIRST, YEAR = datetime(2025, 1, 1, tzinfo=UTC), timedelta(weeks=52)
"""An instant before all written schedules, and about a year, of whole weeks."""

DOUBT = timedelta(days=1)
"""The largest difference between the clock of a server that does not report it and this machine's."""


@dataclass(slots=True)
class ScheduledHome:
    """A home in limited_pause with a charger and a battery.

    Shape: `ahead` moves the written schedules after now if that matters; `paused` are those sent that got a pause.
    """

    run: Run
    site_id: str
    asset_id: str
    battery_id: str
    ahead: timedelta = timedelta(0)
    paused: list[SentSchedule] = field(default_factory=list)
    _earlier: list[Period] = field(default_factory=list)

    @classmethod
    def made(cls, run: Run) -> "ScheduledHome":
        """Raises: NotTestable."""
        battery: Json = {"external_id": external_id(run, "optimised-battery"), "type": "battery"}
        body = onboarding(run, run.homes.next(), name="optimised")
        made = run.main.call(ONBOARD, {**body, "assets": [charger(run, "optimised"), battery]})
        site_id, ids = made.text_at("site", "site_id"), [one.get("asset_id") for one in made.objects_at("assets")]
        if site_id is None or len(ids) != 2:
            raise NotTestable(f"no home could be onboarded: {made.shown}")
        home = cls(run, site_id, str(ids[0]), str(ids[1]))
        home.ahead = home._years_ahead()
        return home

    @property
    def judge(self) -> Judge:
        return self.run.judge(SUITE)

    @property
    def pause(self) -> timedelta:
        return timedelta(minutes=self.run.settings.pause_minutes)

    @property
    def reports_market(self) -> bool:
        return self.run.settings.windows is not None

    def plug_in(self, blocks: Json, *, asset_id: str = "") -> Answer:
        body: Json = {"charging_schedule": blocks}
        return self.run.main.call(PLUG_IN_SCHEDULE, body, asset_id=asset_id or self.asset_id)

    def cases(self, sent: SentSchedule) -> tuple[Answer, list[Checked]]:
        """Send a valid schedule; return the answer and its cases."""
        blocks = periods(sent)
        assert blocks is not None, "the schedules of this suite are valid"
        before = self._now(-DOUBT)
        answer = self.plug_in(sent)
        expected = self._forecast(blocks, before, self._now(DOUBT))
        found = list(judged(ScheduleSent(sent, blocks, self.pause, expected, self._earlier), answer))
        self._earlier = blocks
        if len(answer.list_at("modified_charging_schedule")) == len(sent) + 1:
            self.paused.append(sent)
        return answer, found

    def send(self, sent: SentSchedule) -> Answer:
        """Send a valid schedule and judge the answer."""
        answer, found = self.cases(sent)
        for of, holds, title, expected in found:
            self.judge.expect(holds, answer, of=of, title=title, expected=expected)
        return answer

    def _forecast(self, blocks: list[Period], earliest: datetime | None, latest: datetime | None) -> Forecast | None:
        """Predict the pause; None if it depends on what the server does not tell, or on the very instant."""
        windows = self.run.settings.windows
        found = [forecast(blocks, windows, pause=self.pause, not_before=at) for at in {earliest, latest}]
        return found[0] if found[0] == found[-1] else None

    def _now(self, doubt: timedelta) -> datetime | None:
        """Return the server's time if it matters, this machine's with the doubt if the server does not report it."""
        if not self.run.settings.strict_time:
            return None
        return now_of(self.run.main) or datetime.now(UTC) + doubt

    def _years_ahead(self) -> timedelta:
        """Raises: NotTestable."""
        now = self._now(DOUBT)
        if now is None:
            return timedelta(0)
        if now.year not in MODELLED:
            raise NotTestable(f"no schedules are made for the year {now.year}")
        return max(0, -((FIRST - now) // YEAR)) * YEAR
