"""What the calls on faults take."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, StrictInt, TypeAdapter, model_validator

from mockaxle.awkwardness import WITHIN_CONTRACT, Awkward
from mockaxle.core.reference import MeterAnswer
from mockaxle.faults import NETWORK, FaultKind, Moment
from mockaxle.scenarios.fields import PathPattern, Section

Milliseconds = Annotated[StrictInt, Field(ge=0, le=600_000)]
Count = Annotated[StrictInt, Field(ge=1, le=1_000_000)]
ErrorStatus = Annotated[StrictInt, Field(ge=400, le=599)]
Probability = Annotated[Decimal, Field(gt=0, le=1)]
DRIBBLE_MS = 1000

WHEN = frozenset({"kind", "operation", "path", "site", "account", "nth", "count", "probability"})
LATE = frozenset({"latency_ms", "spread_ms"})
TAKES: dict[FaultKind, frozenset[str]] = {
    FaultKind.STATUS: LATE | {"moment", "status", "detail", "retry_after_seconds"},
    FaultKind.RATE_LIMIT: frozenset({"calls", "per_seconds", "detail"}),
    FaultKind.LATENCY: LATE | {"moment"},
    FaultKind.REVOKE_TOKEN: LATE | {"moment"},
    FaultKind.METER_PROVIDER: LATE | {"answer"},
    **{kind: LATE | {"moment", "status", "detail"} for kind in NETWORK},
}
NEEDS: dict[FaultKind, frozenset[str]] = {
    FaultKind.RATE_LIMIT: frozenset({"calls", "per_seconds"}),
    FaultKind.LATENCY: frozenset({"latency_ms"}),
}


class FaultBody(Section):
    """A rule: what happens (`kind`), and to which calls; to all where nothing is named."""

    kind: FaultKind
    operation: str | None = None
    path: PathPattern | None = None
    site: str | None = None
    account: str | None = None
    nth: Count = 1
    count: Count | None = None
    probability: Probability = Decimal(1)
    moment: Moment = Moment.BEFORE
    status: ErrorStatus = 503
    detail: Annotated[str, Field(max_length=10_000)] = ""
    retry_after_seconds: Annotated[StrictInt, Field(ge=0, le=86_400)] | None = None
    calls: Annotated[StrictInt, Field(ge=0, le=1_000_000)] = 0
    per_seconds: Annotated[StrictInt, Field(ge=1, le=86_400)] = 60
    answer: MeterAnswer = MeterAnswer.PROVIDER_DOWN
    latency_ms: Milliseconds = 0
    spread_ms: Milliseconds = 0

    @model_validator(mode="after")
    def fields_of_the_kind(self) -> "FaultBody":
        others = sorted(self.model_fields_set - WHEN - TAKES[self.kind])
        missing = sorted(NEEDS.get(self.kind, frozenset()) - self.model_fields_set)
        if others:
            takes = ", ".join(sorted(TAKES[self.kind]))
            raise ValueError(f"a fault of kind {self.kind} has no {', '.join(others)}; it takes {takes}")
        if missing:
            raise ValueError(f"a fault of kind {self.kind} needs {', '.join(missing)}")
        if self.answer not in (MeterAnswer.PROVIDER_DOWN, MeterAnswer.PROVIDER_TIMEOUT):
            raise ValueError("answer is provider_down or provider_timeout")
        return self

    def arguments(self) -> dict[str, Any]:
        """What was named, as a command takes it."""
        arguments = self.model_dump(mode="json", exclude_unset=True)
        if self.kind is FaultKind.DRIBBLE:
            arguments.setdefault("latency_ms", DRIBBLE_MS)
        return arguments


class AwkwardnessBody(Section):
    """In what ways answers are awkward, all within the document where nothing is named; and how many of them."""

    kinds: Annotated[tuple[Awkward, ...], Field(max_length=len(Awkward))] | None = None
    probability: Probability = Decimal(1)
    beyond_contract: bool = False

    @model_validator(mode="after")
    def beyond_only_where_said(self) -> "AwkwardnessBody":
        if Awkward.UNKNOWN_ENUM in (self.kinds or ()) and not self.beyond_contract:
            raise ValueError("unknown_enum goes beyond the document: say beyond_contract = true")
        return self

    def arguments(self) -> dict[str, Any]:
        all_there_are = tuple(Awkward) if self.beyond_contract else WITHIN_CONTRACT
        asked = all_there_are if self.kinds is None else self.kinds
        return {
            "kinds": [kind.value for kind in Awkward if kind in asked],
            "probability": str(self.probability),
            "beyond_contract": self.beyond_contract,
        }


class RevokeBody(Section):
    """Whose tokens are over; all accounts' where nobody is named."""

    username: str | None = None


FAULT = TypeAdapter(FaultBody)
AWKWARDNESS = TypeAdapter(AwkwardnessBody)
REVOKE = TypeAdapter(RevokeBody)
