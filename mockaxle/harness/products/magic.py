"""MPANs, postcodes and models that a mock has by default, as payment sandboxes have magic cards. Source: Q6, Q7.

They are only asked for. What they are is read from the server's own answers, so that none needs to exist.
"""

from collections.abc import Iterator

from mockaxle.harness.answer import Answer
from mockaxle.harness.operations import CHECK_ELIGIBILITY, LIST_SITES, METER_BY_MPAN
from mockaxle.harness.products.judging import refusable
from mockaxle.harness.run import NotTestable, Run
from mockaxle.harness.watching.eligibility import NO_HOME
from mockaxle.harness.watching.values import texts

MPANS = (
    "1000000000012",
    "1200000000020",
    "1400000000039",
    "1600000000047",
    "1600000000056",
    "1900000000087",
)
POSTCODES = ("SW1A 1AA", "EC1A 1BB", "M1 1AE")
MODELS = ("axle_charger_v1", "zappi", "basic_charger")
UNKNOWN_MODEL = "no-such-model"


def mpans_of(run: Run) -> tuple[str, ...]:
    """Return the MPANs of the server's registry that the run may use."""
    return run.homes.listed or MPANS


def other_meter(run: Run) -> str:
    """Find an MPAN whose meter is not half-hourly settled, and has no site. Raises: NotTestable."""
    run.needs(CHECK_ELIGIBILITY)
    for mpan, checked in _checked(run):
        settled = (checked.value("is_half_hourly_settled"), _meter(run, mpan).value("half_hourly_settled"))
        if False in settled and not _is_business(checked) and is_free(run, mpan):
            return mpan
    raise NotTestable("it needs an MPAN without a site whose meter is not half-hourly settled")


def business(run: Run) -> str:
    """Find an MPAN that is not a home, and has no site: one that is half-hourly settled and yet not eligible.

    Raises: NotTestable.
    """
    run.needs(CHECK_ELIGIBILITY)
    for mpan, checked in _checked(run):
        if _is_business(checked) and is_free(run, mpan):
            return mpan
    raise NotTestable("it needs an MPAN without a site that is not a home")


def is_free(run: Run, mpan: str) -> bool:
    """Tell whether an MPAN has no site; a list says so. Raises: NotTestable."""
    run.needs(LIST_SITES)
    listed = run.main.call(LIST_SITES, query={"mpan": mpan})
    return listed.is_good and not listed.list_at("sites")


def qualified_models(run: Run, mpan: str) -> tuple[str, ...]:
    """Return the models that make any site eligible, as asked for a meter that is not half-hourly settled."""
    return tuple(one for one in MODELS if _verdict(run, mpan, one) is True)


def unqualified_models(run: Run, mpan: str) -> tuple[str, ...]:
    return tuple(one for one in MODELS if _verdict(run, mpan, one) is False)


def _verdict(run: Run, mpan: str, model: str) -> object:
    """Return is_eligible of a model at an MPAN, None if the server does not know the model."""
    answer = refusable(run).call(CHECK_ELIGIBILITY, {"mpan": mpan, "asset_model": model})
    return answer.value("propositions", 0, "is_eligible") if answer.is_good else None


def _checked(run: Run) -> Iterator[tuple[str, Answer]]:
    account = refusable(run)
    for mpan in mpans_of(run):
        answer = account.call(CHECK_ELIGIBILITY, {"mpan": mpan})
        if answer.is_good:
            yield mpan, answer


def _meter(run: Run, mpan: str) -> Answer:
    return refusable(run).call(METER_BY_MPAN, {"mpan": mpan})


def _is_business(checked: Answer) -> bool:
    verdicts = checked.objects_at("propositions")
    named = any(NO_HOME in texts(one.get("issues")) for one in verdicts)
    settled = checked.value("is_half_hourly_settled") is True
    return named or (settled and bool(verdicts) and all(one.get("is_eligible") is False for one in verdicts))
