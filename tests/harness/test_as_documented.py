"""Answers are read as the document means them before Schemathesis validates them."""

from mockaxle.harness.as_documented import with_offsets, without_nulls
from mockaxle.harness.json_values import Json


def test_a_local_time_is_a_time_though_it_has_no_offset() -> None:
    intent: Json = {"intent": [{"ready_by_local_time": "07:00:00", "charging_mode": "07:00:00"}], "at": None}
    read = {"intent": [{"ready_by_local_time": "07:00:00Z", "charging_mode": "07:00:00"}], "at": None}
    assert with_offsets(intent) == read


def test_what_is_no_time_stays_wrong() -> None:
    wrong: tuple[Json, ...] = ("7:00", "soon", "07:00:00Z", 7, None)
    assert [with_offsets({"tariff_cheap_start_time": one}) for one in wrong] == [
        {"tariff_cheap_start_time": one} for one in wrong
    ]


def test_a_null_is_an_absent_field() -> None:
    assert without_nulls({"a": None, "b": [{"c": None}, None]}) == {"b": [{}, None]}
