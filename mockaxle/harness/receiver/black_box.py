"""The rows that the receiver's answers alone decide. Source: N22."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from mockaxle.harness.receiver.envoy import Envoy, EnvoyAnswer, dispatch_of
from mockaxle.harness.receiver.rows import Case, Grade
from mockaxle.harness.receiver.stage import BATTERIES, TIMEOUT_MS, DrivenMock, MadeAttempt

MANY = 20
SLOW_MS = 2_000
MANY_ASSETS = 5_000
UNMADE = MadeAttempt(1, None, "no attempt was made in time", 0, None)
Check = Callable[[DrivenMock, Envoy], list[Case]]


def is_taken(status: int | None) -> bool:
    return status is not None and 200 <= status < 300


def is_refused(status: int | None) -> bool:
    return status is not None and 400 <= status < 500


def valid(stage: DrivenMock, envoy: Envoy) -> list[Case]:
    made = stage.dispatch(BATTERIES[0])
    return [_taken("a dispatch", attempt) for attempt in stage.attempts(*made.messages)]


def in_time(stage: DrivenMock, envoy: Envoy) -> list[Case]:
    attempts = [attempt for _ in range(MANY) for attempt in stage.attempts(stage.again())]
    slowest = sorted(attempt.ms for attempt in attempts)[-2]
    late = sum("complete answer" in attempt.error for attempt in attempts)
    return [
        Case(f"all but the slowest of {MANY}", slowest < SLOW_MS, f"up to {slowest:,} ms"),
        Case(f"the timeout of {TIMEOUT_MS:,} ms", not late, f"{late} of {MANY} without an answer in time"),
    ]


def wrong_signatures(stage: DrivenMock, envoy: Envoy) -> list[Case]:
    body = dispatch_of()
    truncated = envoy.post(body, signed=envoy.sign(body)[:-32])
    return [
        *(_refused(f"{kind} signature", _copy(stage, f"{kind}_signature")) for kind in ("bad", "no")),
        Case("a signature without its second half", is_refused(truncated.status), _came(truncated)),
    ]


def instants(stage: DrivenMock, envoy: Envoy) -> list[Case]:
    ahead = _refused("signed 301 s ahead", _copy(stage, "future"))
    return [
        _refused("signed 301 s ago", _copy(stage, "stale")),
        _taken("signed 299 s ago", _copy(stage, "edge")),
        Case(ahead.what, ahead.is_met, ahead.came, Grade.OURS),
    ]


def raw_bytes(stage: DrivenMock, envoy: Envoy) -> list[Case]:
    return [_taken("the same JSON with spaces", _copy(stage, "spaces"))]


def two_signatures(stage: DrivenMock, envoy: Envoy) -> list[Case]:
    return [_taken("a wrong v1 and the right one", _copy(stage, "two_signatures"))]


def duplicates(stage: DrivenMock, envoy: Envoy) -> list[Case]:
    stage.awkward("twice")
    attempts = stage.attempts(stage.again(), least=2)
    return [_taken(f"attempt {attempt.number}", attempt) for attempt in attempts]


def new_envelopes(stage: DrivenMock, envoy: Envoy) -> list[Case]:
    made = stage.dispatch(BATTERIES[0])
    attempts = stage.attempts(*made.messages, stage.again())
    return [_taken("a dispatch" if place == 0 else "it in a new envelope", one) for place, one in enumerate(attempts)]


def out_of_order(stage: DrivenMock, envoy: Envoy) -> list[Case]:
    stage.awkward("out_of_order")
    earlier = stage.dispatch(BATTERIES[0])
    stage.control.call("POST", "/clock/advance", body={"by": "1s"})
    later = stage.dispatch(BATTERIES[0])
    attempts = stage.attempts(*earlier.messages, *later.messages)
    return [_taken("an older dispatch" if one.awkward else "a newer one before it", one) for one in attempts]


def unknown_assets(stage: DrivenMock, envoy: Envoy) -> list[Case]:
    return [_taken("a dispatch with an unknown asset", _copy(stage, "unknown_asset"))]


def unknown_parts(stage: DrivenMock, envoy: Envoy) -> list[Case]:
    newer = envoy.post(dispatch_of(version="v2.7.0"))
    return [
        _taken("an unknown event type", _copy(stage, "unknown_event")),
        _taken("unknown fields", _copy(stage, "extra_fields")),
        Case("version v2.7.0", is_taken(newer.status), _came(newer)),
    ]


def broken_json(stage: DrivenMock, envoy: Envoy) -> list[Case]:
    cases = {"the first half of a message": dispatch_of()[:200], "no JSON": b"not JSON", "an empty body": b""}
    sent = {what: envoy.post(body) for what, body in cases.items()}
    return [Case(what, is_refused(one.status), _came(one)) for what, one in sent.items()]


def many_assets(stage: DrivenMock, envoy: Envoy) -> list[Case]:
    sent = envoy.post(dispatch_of(MANY_ASSETS))
    return [Case(f"{MANY_ASSETS:,} assets", is_taken(sent.status), f"{_came(sent)} after {sent.seconds:.1f} s")]


def at_once(stage: DrivenMock, envoy: Envoy) -> list[Case]:
    with ThreadPoolExecutor(MANY) as pool:
        sent = [*pool.map(envoy.post, [dispatch_of() for _ in range(MANY)])]
    failed = [one for one in sent if not is_taken(one.status)]
    came = f"{MANY - len(failed)} of {MANY} taken" + (f", then {_came(failed[0])}" if failed else "")
    return [Case(f"{MANY} at once", not failed, came)]


def echoes(secret: str) -> Check:
    """Return the check that no answer has the secret."""

    def secret_in_answers(stage: DrivenMock, envoy: Envoy) -> list[Case]:
        body = dispatch_of()
        sent = {
            "the answer to a valid message": envoy.post(body),
            "the answer to a bad signature": envoy.post(body, signed=envoy.sign(body)[:-1]),
            "the answer to broken JSON": envoy.post(b"{"),
        }
        return [Case(what, secret not in one.text, _with_secret(secret in one.text)) for what, one in sent.items()]

    return secret_in_answers


CHECKS: Mapping[int, Check] = {
    1: valid,
    2: in_time,
    3: wrong_signatures,
    4: instants,
    5: raw_bytes,
    6: two_signatures,
    7: duplicates,
    8: new_envelopes,
    9: out_of_order,
    10: unknown_assets,
    11: unknown_parts,
    12: broken_json,
    13: many_assets,
    14: at_once,
}
"""By the numbers of their rows; row 20 needs the secret."""


def _copy(stage: DrivenMock, kind: str) -> MadeAttempt:
    """Say the latest dispatch in a way, and return that attempt."""
    stage.awkward(kind)
    found = stage.attempts(stage.again())
    return next((attempt for attempt in found if attempt.awkward == kind), UNMADE)


def _taken(what: str, attempt: MadeAttempt) -> Case:
    return Case(what, is_taken(attempt.status), _answer(attempt))


def _refused(what: str, attempt: MadeAttempt) -> Case:
    return Case(what, is_refused(attempt.status), _answer(attempt))


def _answer(attempt: MadeAttempt) -> str:
    return f"{attempt.status}" if attempt.status else attempt.error or "no answer"


def _came(sent: EnvoyAnswer) -> str:
    return f"{sent.status}" if sent.status else sent.error


def _with_secret(is_in: bool) -> str:
    return "it has the secret" if is_in else "without the secret"
