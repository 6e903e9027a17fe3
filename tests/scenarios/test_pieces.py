"""Large scenarios, validated in pieces: refused and read as small ones are."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from mockaxle.core.limits import MAX_PROBLEMS
from mockaxle.scenarios.pieces import MAX_PIECE, Pieces
from mockaxle.scenarios.problems import ScenarioRefused
from mockaxle.scenarios.reading import MANY, read_scenario
from mockaxle.scenarios.sections import Scenario, SiteSection

KW, MONEY = "boundary_import_kw", [{"credit_pence": 1}]
PAIRS = [["2026-01-20T12:00:00Z", 1.5]]
SITES = st.fixed_dictionaries(
    {"mpan": st.just("1000000000012")},
    optional={
        "linked": st.sampled_from([["a"], ["a"] * 3000, ["a"] * 2500 + [1], 1]),
        "transactions": st.sampled_from(
            [[{"credit_pence": 1}] * 1500, [{}] * 1500, [{"credit_pence": 1}] * 1500 + [3]]
        ),
        "dispatch_methods": st.sampled_from([{"limited_pause": "in"}, {"x": "in"}, {}, []]),
        "colour": st.just(["red"] * 3000),
    },
)
ASSETS = st.fixed_dictionaries(
    {"site": st.just("1"), "external_id": st.just("e"), "type": st.sampled_from(["charger", "spoon"])},
    optional={
        "registers": st.sampled_from(
            [{"boundary_import_kw": PAIRS * 2000}, {"x": PAIRS}, {"boundary_import_kw": [1] * 99}]
        ),
        "session": st.sampled_from([{"plugged_in_at": 1}, {"plan": {"number": 1, "charging": PAIRS * 1500}}, None]),
    },
)
DATA = st.fixed_dictionaries(
    {"sites": st.lists(SITES, max_size=3), "assets": st.lists(ASSETS, max_size=3)},
    optional={"prices": st.just([{}] * 3000), "colour": st.just(1), "models": st.just([{"name": "a"}] * 900)},
)


def outcome(data: Any) -> Any:
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        return [(one["type"], one["loc"]) for one in error.errors()]


@settings(max_examples=60)
@given(DATA)
def test_a_large_scenario_is_validated_as_a_small_one(data: Any) -> None:
    pieces = Pieces(max_errors=10 * MANY)
    assert outcome(pieces.of(data)) == outcome(data)
    assert (pieces.dropped, pieces.is_cut) == (0, False)


WRONG: dict[str, tuple[Any, int | None]] = {
    "assets": ({"assets": [{}] * 50_000}, 150_000),
    "in one row": ({"sites": [{"mpan": "1000000000012", "transactions": [{}] * 80_000}]}, 80_000),
    "texts": ({"sites": [{"mpan": "1000000000012", "linked": [1] * 80_000}]}, 80_000),
    "keys": ({f"k{number}": 1 for number in range(80_000)}, 80_000),
    "keys in rows": ({"sites": [{f"k{number}": 1 for number in range(4_000)}] * 20}, 80_000),
    "names": ({"sites": [{"dispatch_methods": {f"k{number}": 1 for number in range(80_000)}}]}, None),
    "registers": ({"assets": [{"registers": {KW: [1] * 80_000}}]}, 80_003),
}


@pytest.mark.parametrize("name", WRONG)
def test_of_very_many_errors_some_are_listed_and_the_others_counted_up_to_a_number(name: str) -> None:
    data, count = WRONG[name]
    with pytest.raises(ScenarioRefused) as refused:
        read_scenario(json.dumps(data).encode(), name="f", format="json")
    last = str(refused.value).split("\n")[-1]
    assert len(refused.value.problems) == MAX_PROBLEMS
    if count is not None and count <= 100_000:
        assert last == f"f: and {count + 1 - MAX_PROBLEMS} more"
    else:
        assert last.startswith("f: and at least ")


@pytest.mark.parametrize("name", WRONG)
def test_at_most_a_few_thousand_errors_are_made_at_a_time(name: str) -> None:
    data, _ = WRONG[name]
    found = outcome(Pieces(max_errors=MANY).of(data))
    assert 0 < len(found) <= MANY + 5 * MAX_PIECE


def test_right_rows_are_not_validated_again() -> None:
    rows = [{"mpan": f"{number:013}", "transactions": [{"credit_pence": 1}] * 10} for number in range(1_000)]
    pieced = Pieces(max_errors=MANY).of({"sites": rows})
    assert isinstance(pieced, dict)
    assert all(isinstance(row, SiteSection) for row in pieced["sites"])
