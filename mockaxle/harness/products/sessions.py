"""Events of a charging session, intents by each way, and callbacks. Source: C1, C4, C9.

The watch compares each intent that is read with the one sent last.
"""

from collections.abc import Iterator, Mapping
from uuid import NAMESPACE_URL, uuid5

from mockaxle.harness.account import CheckedAccount
from mockaxle.harness.answer import Answer
from mockaxle.harness.bodies import INTENT, SMART_CHARGING
from mockaxle.harness.json_values import JsonObject
from mockaxle.harness.names import NOBODY
from mockaxle.harness.operations import CALL_BACK, EVENT, READ_INTENT
from mockaxle.harness.products.households import device, household
from mockaxle.harness.products.judging import accepted, needs_any, refusable, refused
from mockaxle.harness.run import Judge, NotTestable, Run
from mockaxle.harness.watching.values import clock_time, instant

TARIFF: JsonObject = {"off_peak_times": "00:30-04:30", "timezone": "Europe/London"}
VEHICLE: JsonObject = {"charging_rate_kw": 7.4}
END_AT = "2026-01-20T23:00:00Z"
INTENTS: tuple[JsonObject, ...] = (
    INTENT,
    {
        "energy_required_kwh": 12.5,
        "ready_by": "2026-01-21T08:15:00Z",
        "ready_by_local_time": "06:30:00",
        "energy_estimated": True,
        "may_charge_peak": True,
        "charging_mode": "minimise_charging_time",
    },
    {
        "energy_required_kwh": 0.5,
        "ready_by": "2026-01-22T00:00:00Z",
        "energy_estimated": False,
        "may_charge_peak": False,
        "charging_mode": "maximise_charging_time",
    },
)
OWN_PATHS: Mapping[str, tuple[JsonObject, ...]] = {
    "/tariff-update": ({"tariff": TARIFF}, {"tariff": {**TARIFF, "tariff_type": "dual_rate"}}),
    "/plug-in": (
        {},
        {"vehicle": VEHICLE},
        {"tariff": TARIFF},
        {"intent": INTENT, "vehicle": VEHICLE, "tariff": TARIFF},
    ),
    "/intent": ({"intent": INTENT},),
    "/charge-now": ({"end_at": END_AT},),
    "/charge-now-deleted": ({},),
    "/plug-out": ({},),
}
COMBINED: tuple[JsonObject, ...] = (
    {"event_type": "plug_in"},
    {"event_type": "plug_in", "intent": INTENT, "vehicle": VEHICLE, "tariff": TARIFF},
    {"event_type": "intent_update", "intent": INTENT},
    {"event_type": "charge_now", "end_at": END_AT},
    {"event_type": "charge_now_deleted"},
    {"event_type": "plug_out"},
)
INCOMPLETE: Mapping[str, JsonObject] = {
    "/tariff-update": {},
    "/intent": {},
    "/charge-now": {},
    "": {"intent": INTENT},
}
"""Bodies without what the document requires of them."""

STATUSES = ("RECEIVED", "ACCEPTED", "REJECTED", "FAILED", "EXECUTED")
WRONG_RESPONSES: tuple[JsonObject, ...] = (
    {"status": "DONE", "timestamp": END_AT},
    {"status": "accepted", "timestamp": END_AT},
    {"status": "ACCEPTED"},
    {"timestamp": END_AT},
    {"status": "ACCEPTED", "timestamp": "yesterday"},
)


def events(judge: Judge) -> None:
    """Send each event by its own path and each type of the combined event. Raises: NotTestable."""
    run = judge.run
    known = [path for path in OWN_PATHS if EVENT + path in run.keys]
    needs_any(run, EVENT, *(EVENT + path for path in OWN_PATHS))
    with household(run, device(run, "driver"), proposition=SMART_CHARGING) as home:
        for path in known:
            for body in OWN_PATHS[path]:
                answer = run.main.call(EVENT + path, body, asset_id=home.asset_ids[0])
                _judge_event(judge, answer, of="C1a")
        for body in COMBINED if EVENT in run.keys else ():
            _judge_event(judge, run.main.call(EVENT, body, asset_id=home.asset_ids[0]), of="C1b")
        for path, body in INCOMPLETE.items():
            if EVENT + path in run.keys:
                answer = refusable(run).call(EVENT + path, body, asset_id=home.asset_ids[0])
                refused(judge, answer, of="C1d", title="an event without what it requires is accepted")


def _judge_event(judge: Judge, answer: Answer, *, of: str) -> None:
    if accepted(judge, answer, of=of, title=f"{answer.operation} refuses an event"):
        is_null = answer.json is None
        judge.expect(is_null, answer, of="C1c", title="an event is not answered by null", expected="null")


def intents(judge: Judge) -> None:
    """Send intents by every way, and read each. Raises: NotTestable."""
    run = judge.run
    run.needs(READ_INTENT)
    needs_any(run, *(operation for operation, _ in _ways({})))
    with household(run, device(run, "driver"), device(run, "neighbour"), proposition=SMART_CHARGING) as home:
        driver, neighbour = home.asset_ids
        _judge_none(judge, driver, title="an intent is there before any was sent")
        if f"{EVENT}/plug-in" in run.keys:
            run.main.call(f"{EVENT}/plug-in", {}, asset_id=driver)
            _judge_none(judge, driver, title="an intent is there after a plug-in without one")
        for intent in INTENTS:
            for operation, body in _ways(intent):
                if operation in run.keys:
                    _send(judge, operation, body, asset_id=driver)
        _refuse(judge, driver)
        if f"{EVENT}/plug-out" in run.keys:
            run.main.call(f"{EVENT}/plug-out", {}, asset_id=driver)
            _read(judge, driver)
        _judge_none(judge, neighbour, title="the intent of one car is that of another")
        operation, body = next(way for way in _ways(INTENTS[0]) if way[0] in run.keys)
        _send(judge, operation, body, asset_id=neighbour)
        _read(judge, driver)


def _ways(intent: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    yield f"{EVENT}/plug-in", {"intent": intent}
    yield f"{EVENT}/intent", {"intent": intent}
    yield EVENT, {"event_type": "intent_update", "intent": intent}
    yield EVENT, {"event_type": "plug_in", "intent": intent}


def _send(judge: Judge, operation: str, body: JsonObject, *, asset_id: str) -> None:
    answer = judge.run.main.call(operation, body, asset_id=asset_id)
    accepted(judge, answer, of="C4a", title="an intent with energy_required_kwh and ready_by is refused")
    read = _read(judge, asset_id)
    intent = body["intent"]
    if isinstance(intent, dict) and "ready_by_local_time" not in intent:
        title = "ready_by_local_time is not filled in with the time in the tariff's timezone"
        ready_by = instant(intent["ready_by"])
        local = clock_time(read.value("intent", "ready_by_local_time"))
        filled = ready_by is not None and local is not None and local.replace(tzinfo=None) == ready_by.time()
        judge.expect(filled, read, of="C4g", title=title, expected=f"{ready_by:%H:%M:%S}, in the winter of the UK")


def _read(judge: Judge, asset_id: str) -> Answer:
    read = judge.run.main.call(READ_INTENT, asset_id=asset_id)
    judge.status(read, 200, of="C4e", title="an intent that was sent cannot be read")
    return read


def _judge_none(judge: Judge, asset_id: str, *, title: str) -> None:
    judge.status(refusable(judge.run).call(READ_INTENT, asset_id=asset_id), 404, of="C4f", title=title)


def _refuse(judge: Judge, asset_id: str) -> None:
    """Send intents that lack what is required; the last complete one stays."""
    run = judge.run
    for name in ("energy_required_kwh", "ready_by"):
        lacking = {other: value for other, value in INTENTS[1].items() if other != name}
        for operation, body in _ways({**lacking, "may_charge_peak": True}):
            if operation in run.keys:
                answer = refusable(run).call(operation, body, asset_id=asset_id)
                refused(judge, answer, of="C4a", title=f"an intent without {name} is accepted")
    _read(judge, asset_id)


def callbacks(judge: Judge) -> None:
    """Report each status on an event, and wrong ones; by the asset's id and its external id. Raises: NotTestable."""
    run = judge.run
    run.needs(CALL_BACK)
    external = str(uuid5(NAMESPACE_URL, f"mockaxle:{run.id}"))
    charger = {**device(run, "called"), "external_id": external}
    with household(run, charger, proposition=SMART_CHARGING) as home:
        asset_id, body = home.asset_ids[0], {"status": "RECEIVED", "timestamp": END_AT}
        known = _call_back(refusable(run), asset_id, body)
        accepted(judge, known, of="C9d", title="a callback on an unknown event is refused")
        if known.status == 404:
            raise NotTestable("it needs an event that the server has sent")
        for status in STATUSES:
            answer = _call_back(run.main, asset_id, {"status": status, "timestamp": END_AT})
            accepted(judge, answer, of="C9a", title="a callback refuses a status")
        for wrong in WRONG_RESPONSES:
            answer = _call_back(refusable(run), asset_id, wrong)
            refused(judge, answer, of="C9a", title="a callback takes a wrong status or timestamp, or none")
        by_name = _call_back(run.main, external, body, is_external="true")
        accepted(judge, by_name, of="C9b", title="a callback does not find an asset by its external id")
        _judge_strangers(judge, run, asset_id=asset_id, external=external)


def _judge_strangers(judge: Judge, run: Run, *, asset_id: str, external: str) -> None:
    """Check that ids of the other kind, and unknown ones, are not found."""
    body, account = {"status": "RECEIVED", "timestamp": END_AT}, refusable(run)
    for id, is_external, what in (
        (external, "false", "an external id as an id"),
        (asset_id, "true", "an id as an external id"),
        (NOBODY, "false", "an unknown id"),
        (NOBODY, "true", "an unknown external id"),
    ):
        answer = _call_back(account, id, body, is_external=is_external)
        title = f"a callback takes {what}"
        if id != NOBODY:
            refused(judge, answer, of="C9b", title=title)
        judge.status(answer, 404, of="C9c", title=title)


def _call_back(account: CheckedAccount, asset_id: str, body: JsonObject, *, is_external: str = "") -> Answer:
    query = {"asset_id_is_external": is_external} if is_external else None
    return account.call(CALL_BACK, body, query=query, asset_id=asset_id, event_id=NOBODY)
