"""A world's style, in both directions: as the document says, or as the live service does."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockaxle.app import create_app
from mockaxle.core.reference import Style
from mockaxle.scenarios.sections import Scenario, SettingsSection
from tests.calling import CHARGER, HOME, Caller, onboarding


def in_style(style: Style) -> Caller:
    return Caller(create_app(scenario=Scenario(settings=SettingsSection(style=style))).api)


LENIENT: list[tuple[str, Any]] = [
    ("a number for a string", onboarding(site={"mpan": 1000000000012})),
    ("a text for a number", onboarding(assets=[{**CHARGER, "properties": {"power_kw": "7.4"}}])),
    ("null for what may be absent", {**onboarding(), "site": {**HOME, "email": None}}),
]


@pytest.mark.rule("G9")
@pytest.mark.parametrize(("what", "body"), LENIENT, ids=[what for what, _ in LENIENT])
def test_wire_style_takes_what_contract_style_refuses(what: str, body: Any) -> None:
    assert in_style(Style.CONTRACT).post("/entities/site/onboard", body).status == 422
    assert in_style(Style.WIRE).post("/entities/site/onboard", body).status == 200


@pytest.mark.rule("G9", "G8")
def test_only_wire_style_answers_with_nulls() -> None:
    for style, shown in ((Style.CONTRACT, False), (Style.WIRE, True)):
        caller = in_style(style)
        site_id = caller.onboard().json["site"]["site_id"]
        site = caller.get(f"/entities/site/{site_id}").json
        assert ("tariff" in site and site["tariff"] is None) is shown


@pytest.mark.rule("G9")
def test_repeated_items_of_a_set_collapse_in_wire_style() -> None:
    caller = in_style(Style.WIRE)
    site_id = caller.onboard().json["site"]["site_id"]
    methods = {"dispatch_methods": ["vpp_limited_control", "vpp_limited_control"]}
    answer = caller.post(f"/entities/site/{site_id}/dispatch-consent", methods)
    assert answer.json["dispatch_methods"] == ["limited_pause", "vpp_limited_control"]


@pytest.mark.rule("E1")
def test_in_wire_style_a_malformed_request_is_a_list_and_a_business_refusal_a_text_everywhere() -> None:
    caller = in_style(Style.WIRE)
    details = [caller.post("/entities/site", body).json["detail"] for body in ({}, {"mpan": "1", "postcode": "M1"})]
    assert [type(detail) for detail in details] == [list, str]


values: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4), st.just([]), st.just({})
)
FIELDS = ["mpan", "postcode", "street_address", "email", "gave_boundary_meter_consent_at"]


@pytest.mark.property
@pytest.mark.rule("E5")
@given(st.sampled_from(list(Style)), st.dictionaries(st.sampled_from(FIELDS), values), values, values)
def test_no_value_anywhere_breaks_either_style(style: Style, site: Any, number: Any, day: Any) -> None:
    asset = {**CHARGER, "properties": {"power_kw": number}, "installation_date": day}
    body = {**onboarding(assets=[asset]), "site": {**HOME, **site}}
    assert in_style(style).post("/entities/site/onboard", body).status in (200, 400, 422)
