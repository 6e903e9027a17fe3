"""An organisation's life, step by step: log-ins, calls, waiting and control, drawn by Hypothesis."""

import json
from contextlib import suppress
from typing import Any

from hypothesis import strategies as st

from mockaxle.app import create_app
from mockaxle.serving.api import Api
from mockaxle.serving.hosted_world import HostedWorld
from mockaxle.serving.settings import ServerSettings
from mockaxle.world.commands.refusals import CommandRefused
from mockaxle.world.entries import Entry
from tests.calling import HOME, Answer, Caller
from tests.clocks import ManualClock
from tests.commanding import carry_out
from tests.recorded import watch
from tests.replaying import SEED

Step = tuple[str, Any]

# summer and winter, the calendar's ends, clock changes: what one schedule asks must not colour another's answer
DAYS = ["2026-01-20", "2026-01-21", "2026-06-27", "2026-10-25", "9999-10-31", "9999-12-31", "0001-01-01"]
TIMES = [f"{day}T{hour:02}:{minute}:00Z" for day in DAYS for hour in range(0, 24, 3) for minute in ("00", "45")]
blocks = st.fixed_dictionaries({"start_timestamp": st.sampled_from(TIMES), "end_timestamp": st.sampled_from(TIMES)})
assets = st.fixed_dictionaries(
    {"external_id": st.sampled_from("abc"), "type": st.sampled_from(["charger", "battery", "kettle"])},
    optional={"properties": st.just({"power_kw": 7.4}), "asset_model": st.sampled_from(["zappi", "pot"])},
)
sites = st.fixed_dictionaries(
    {"mpan": st.sampled_from(["1000000000012", "1200000000020", "1400000000039", "x"])},
    optional={"postcode": st.text(max_size=8), "email": st.sampled_from(["a@b", "x"])},
)
WINDOW = {"from_time": "09:00", "to_time": "12:00", "price_gbp_per_mwh": "500.5"}
EVENT = {"start_time": "2026-01-20T14:00:00Z", "end_time": "2026-01-20T15:00:00Z", "import_export": "export"}
AWKWARD = {"kinds": ["absent", "null", "extra", "reordered", "unknown_enum"], "probability": 0.5}
commands = st.sampled_from(
    [
        ("POST /clock/advance", {"by": "1h"}, {}),
        ("PUT /clock", {"rate": 0}, {}),
        ("PUT /clock", {"at": "2026-06-01T00:00:00Z", "rate": 2.5}, {}),
        ("POST /reset", {"what": ["state", "market"]}, {}),
        ("PATCH /settings", {"pause_minutes": 60}, {}),
        ("PATCH /settings", {"style": "wire"}, {}),
        ("PATCH /settings", {"plan_follows_market": True, "cm_pence_per_month": 40, "signup_bonus_pence": 100}, {}),
        ("PATCH /settings", {"baseline": "history", "user_share": "0.3", "estimate_share": "0.9"}, {}),
        ("PATCH /settings", {"unmeasured": "nothing"}, {}),
        ("POST /market/windows", WINDOW, {}),
        ("DELETE /market/windows/{id}", None, {"id": "night"}),
        ("PATCH /market/windows/{id}", {"price_gbp_per_mwh": 1}, {"id": "night"}),
        ("POST /faults", {"kind": "status", "moment": "after", "count": 2, "probability": 0.5}, {}),
        (
            "POST /faults",
            {"kind": "cut", "path": "/entities/*", "nth": 2, "count": 1, "latency_ms": 1, "spread_ms": 9},
            {},
        ),
        ("POST /faults", {"kind": "rate_limit", "calls": 3, "per_seconds": 60}, {}),
        ("POST /faults", {"kind": "latency", "latency_ms": 5, "count": 1}, {}),
        ("POST /snapshots", {"name": "s"}, {}),
        ("POST /snapshots/{name}/restore", None, {"name": "s"}),
        ("DELETE /snapshots/{name}", None, {"name": "s"}),
        ("PUT /awkwardness", {**AWKWARD, "beyond_contract": True}, {}),
        ("POST /tokens/revoke", None, {}),
        ("DELETE /faults", None, {}),
        ("POST /home-assistant-events", EVENT, {}),
        ("PATCH /home-assistant-events/{id}", {"end_time": "2026-01-20T16:00:00Z", "opted_out": True}, {"id": "ha1"}),
        ("DELETE /home-assistant-events/{id}", None, {"id": "ha1"}),
        ("POST /market/prices", {"prices": [{"at": "2026-01-20T12:30:00Z", "price_gbp_per_mwh": -1.5}]}, {}),
    ]
)
"""Shape: key, body, and the values in the path."""

PAUSE = {"proposition": "limited_pause"}
METHODS = {"dispatch_methods": ["vpp_limited_control", "limited_pause", "cm_infrequent_dispatch"]}
INTENT = {"energy_required_kwh": 30, "ready_by": "2026-01-21T07:00:00Z", "ready_by_local_time": "06:30:00"}
TARIFF = {"off_peak_times": "23:30-05:30,12:00-14:00", "timezone": "Europe/Paris"}
READINGS = [
    {
        "asset_id": "{asset}",
        "start_timestamp": "2026-01-20T12:00:00Z",
        "end_timestamp": "2026-01-20T12:30:00Z",
        "value": 3,
        "label": "charger_lifetime_consumption_energy_kwh",
    },
    {
        "asset_id": "{asset}",
        "start_timestamp": "2026-01-21T00:45:00Z",
        "end_timestamp": "2026-01-21T01:15:00Z",
        "value": 1.25,
        "label": "charger_consumption_energy_kwh",
    },
]
WHOLE_LIFE: list[tuple[str, str, Any]] = [
    ("POST", "/entities/site/initialise", {"site": HOME, "assets": [{"external_id": "a", "type": "battery"}]}),
    ("POST", "/entities/site", {**HOME, "mpan": "1000000000099"}),
    (
        "POST",
        "/entities/site/onboard-site-and-asset",
        {"site": HOME, "asset": {"external_id": "c", "type": "charger"}, "dispatch_consent": METHODS},
    ),
    ("POST", "/entities/site/{site}/enrol", {**PAUSE, "override_withdrawal": True}),
    ("POST", "/entities/site/{site}/unenrol", PAUSE),
    ("POST", "/entities/site/{site}/dispatch-consent", METHODS),
    ("POST", "/entities/site/{site}/dispatch-deconsent", METHODS),
    ("POST", "/entities/site/{site}/meter-consent", {"gave_boundary_meter_consent_at": "2026-02-02T00:00:00Z"}),
    ("POST", "/entities/site/{site}/offboard-site-and-assets", None),
    ("PATCH", "/entities/site/{site}", {"address": "9 Canal Row", "postcode": "ls14ap", "mpan": "1000000000099"}),
    ("DELETE", "/entities/site/{site}", None),
    ("GET", "/entities/site/{site}/eligibility", None),
    ("GET", "/entities/site?limit=2&offset=1&postcode=M1+1AE", None),
    ("POST", "/entities/site/check-eligibility", {"mpan": "1200000000020", "asset_model": "zappi"}),
    ("POST", "/entities/asset", {"external_id": "b", "type": "charger", "site_id": "{site}"}),
    ("PATCH", "/entities/asset/{asset}", {"properties": {"capacity_kwh": 9.5}, "asset_model": "zappi"}),
    ("DELETE", "/entities/asset/{asset}", None),
    ("GET", "/entities/asset/external-id/a", None),
    ("GET", "/entities/asset?limit=1", None),
    ("POST", "/entities/site/{site}/enrol", {"proposition": "full_asset_schedule_control"}),
    ("POST", "/entities/asset/{asset}/event/plug-in", {"intent": INTENT, "vehicle": {"charging_rate_kw": 7.4}}),
    ("POST", "/entities/asset/{asset}/event/tariff-update", {"tariff": TARIFF}),
    ("POST", "/entities/asset/{asset}/event/intent", {"intent": {**INTENT, "energy_required_kwh": 200}}),
    ("POST", "/entities/asset/{asset}/event/charge-now", {"end_at": "2026-01-21T01:10:00Z"}),
    ("POST", "/entities/asset/{asset}/event", {"event_type": "charge_now_deleted"}),
    ("POST", "/entities/asset/{asset}/event/plug-out", {}),
    ("GET", "/entities/asset/{asset}/intent", None),
    ("POST", "/data/readings", {"readings": READINGS}),
    ("GET", "/rewards/{site}/info", None),
    ("GET", "/rewards/{site}/transactions", None),
    ("GET", "/entities/site/{site}/flex-events", None),
    ("GET", "/entities/site/{site}/price-curve", None),
    ("GET", "/entities/asset/{asset}/battery-schedule", None),
]
calls = st.one_of(
    st.tuples(st.just("call"), st.sampled_from(WHOLE_LIFE)),
    st.tuples(st.just("log in"), st.sampled_from(["secret", "wrong"])),
    st.tuples(st.just("wait"), st.sampled_from([0, 60, 3600, 14 * 3600, 40 * 24 * 3600])),
    st.tuples(st.just("who"), st.none()),
    st.tuples(st.just("onboard"), st.tuples(sites, st.lists(assets, max_size=2))),
    st.tuples(st.just("plug in"), st.lists(blocks, max_size=2)),
    st.tuples(st.just("read"), st.sampled_from(["site", "asset"])),
    st.tuples(st.just("raw"), st.binary(max_size=8)),
    st.tuples(st.just("command"), commands),
)
steps = st.lists(calls, max_size=20)


class Life:
    """Does one step after the other with the ids that came back."""

    def __init__(self, api: Api, clock: ManualClock, username: str = "acme") -> None:
        self.clock = clock
        self.caller = Caller(api, username)
        self.ids = {"site": "00000000-0000-0000-0000-000000000000", "asset": "x"}

    def live(self, steps: list[Step]) -> "Life":
        for step in steps:
            self.take(step)
        return self

    def take(self, step: Step) -> Answer | None:
        """The answer of a step that calls the API."""
        kind, detail = step
        if kind == "log in":
            answer = self.caller.log_in(detail)
            self.caller.token = (answer.json or {}).get("access_token", self.caller.token)
            return answer
        if kind == "wait":
            self.clock.advance(seconds=detail)
        elif kind == "command":
            with suppress(CommandRefused):
                key, body, path = detail
                carry_out(self.caller.api.worlds, self.caller.username, key, body, **path)
        else:
            return self.call(kind, detail)
        return None

    def call(self, kind: str, detail: Any) -> Answer:
        caller, ids = self.caller, self.ids
        if kind == "onboard":
            return self.onboard(*detail)
        if kind == "who":
            return caller.get("/auth/users/me/")
        if kind == "plug in":
            return caller.plug_in(ids["asset"], detail)
        if kind == "read":
            return caller.get(f"/entities/{detail}/{ids[detail]}")
        if kind == "raw":
            return caller.post("/entities/site/onboard", raw=detail)
        verb, path, body = detail
        filled = json.dumps(body).replace("{site}", ids["site"]).replace("{asset}", ids["asset"])
        return caller.call(verb, path.format(**ids), json.loads(filled))

    def onboard(self, site: dict[str, Any], assets: list[Any]) -> Answer:
        answer = self.caller.onboard(site={**HOME, **site}, assets=assets)
        if answer.status == 200:
            self.ids["site"] = answer.json["site"]["site_id"]
            if assets:
                self.ids["asset"] = answer.json["assets"][0]["asset_id"]
        return answer

    @property
    def hosted(self) -> HostedWorld:
        hosted = self.caller.api.worlds.find(self.caller.username)
        assert hosted
        return hosted

    @property
    def log(self) -> list[Entry]:
        return list(self.hosted.log)


def fresh_life(username: str = "acme") -> Life:
    """A life on a server of its own, with a clock of its own."""
    clock = ManualClock()
    app = watch(create_app(ServerSettings(seed=SEED), clock=clock))
    return Life(app.api, clock, username)
