"""External ids that make their calls fail, for clients without control of the mock."""

from typing import Any

import pytest

from tests.calling import CHARGER, NIGHT, Caller


def named(external_id: str) -> list[dict[str, Any]]:
    return [{**CHARGER, "external_id": external_id}]


@pytest.mark.rule("T2")
def test_a_magic_name_fails_every_call_that_names_it(acme: Caller) -> None:
    for _ in range(3):
        assert acme.onboard(assets=named("mock-503-wallbox")).status == 503
    assert acme.get("/entities/asset/external-id/mock-404-x").json == {"detail": "The mock was told to fail here"}
    assert acme.get("/entities/asset/external-id/mock-404-x").rules == ("T2",)
    assert len(acme.state.sites) == 0


@pytest.mark.rule("T2")
def test_a_magic_name_may_fail_so_many_times_and_then_work(acme: Caller) -> None:
    assert [acme.onboard(assets=named("mock-429-2x-w")).status for _ in range(4)] == [429, 429, 200, 200]


@pytest.mark.rule("T2")
def test_after_the_work_of_a_magic_name_is_stored_its_answer_is_lost(acme: Caller) -> None:
    lost = acme.onboard(assets=named("mock-500-after-1x-w"))
    again = acme.onboard(assets=named("mock-500-after-1x-w"))
    assert (lost.status, again.status, again.json["assets"][0]["asset_created"]) == (500, 200, False)


@pytest.mark.rule("T2")
def test_an_assets_events_fail_where_its_name_is_for_them(acme: Caller) -> None:
    asset_id = acme.onboard(assets=named("mock-events-503-1x-w")).json["assets"][0]["asset_id"]
    assert acme.get("/entities/asset/external-id/mock-events-503-1x-w").status == 200
    assert [acme.plug_in(asset_id, NIGHT).status for _ in range(2)] == [503, 200]


@pytest.mark.rule("T2")
@pytest.mark.parametrize("name", ["mock-", "mock-200-x", "mock-600-x", "mock-503", "Mock-503-x", "x-mock-503-x"])
def test_other_names_are_ordinary(acme: Caller, name: str) -> None:
    assert acme.onboard(assets=named(name)).status == 200


@pytest.mark.rule("T2")
def test_a_broken_body_that_holds_a_magic_name_is_just_broken(acme: Caller) -> None:
    assert acme.post("/entities/site/onboard", raw=b'{"external_id": "mock-503-x"').status == 422
    assert acme.post("/entities/site/onboard", raw=b'"mock-503-x"').status == 422
    assert acme.post("/entities/site/onboard", raw=b"[" * 100_000 + b"mock-").status == 422


@pytest.mark.rule("T2")
def test_a_magic_name_may_be_percent_encoded(acme: Caller) -> None:
    assert acme.get("/entities/asset/external-id/mock%2D503-x").status == 503
