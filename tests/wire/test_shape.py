"""How components are read and written, whichever operation has them."""

from fractions import Fraction
from typing import Annotated, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from mockaxle.wire.shape import Component, ContractSchema, Instant, Optional, SentId, Unique, at_most, is_whole

NUMBER = r"-?(0|[1-9][0-9]{0,5})(\.[0-9]{1,5})?([eE][+-]?[0-9]{1,2})?"
ID = "4f9619ff-8b86-4d01-b42d-00c04fc964ff"


class Parcel(Component):
    name: Annotated[str, at_most(3)] = "box"
    sent_at: Optional[Instant] = None
    labels: Optional[Annotated[list[str], Unique]] = None
    owner: Optional[SentId] = None


def refused(sent: dict[str, Any], *, strict: bool) -> list[str]:
    """The types of the errors."""
    with pytest.raises(ValidationError) as error:
        Parcel.model_validate(sent, strict=strict)
    return [one["type"] for one in error.value.errors()]


@pytest.mark.property
@given(st.from_regex(NUMBER, fullmatch=True))
@example("1e400")
@example("10e-1")
@example("1e-1")
@example("0e-99")
def test_a_number_is_whole_where_its_fraction_has_no_denominator(number: str) -> None:
    assert is_whole(number) == (Fraction(number).denominator == 1)


@pytest.mark.parametrize(
    "text", [ID[1:], ID.replace("-", ""), f"{{{ID}}}", f"urn:uuid:{ID}", f"{ID}\n", ID.replace("4", "٤")]
)
def test_an_id_has_one_form(text: str) -> None:
    assert refused({"owner": text}, strict=False) == ["uuid_parsing"]
    assert str(Parcel.model_validate({"owner": ID.upper()}).owner) == ID


def test_an_instant_is_written_in_utc_whatever_its_offset() -> None:
    parcel = Parcel.model_validate({"sent_at": "2026-01-05T09:00:00+05:30"})
    assert parcel.model_dump(mode="json")["sent_at"] == "2026-01-05T03:30:00+00:00"
    assert refused({"sent_at": "2026-01-05T09:00:00"}, strict=False) == ["datetime_parsing"]


def test_the_schema_has_neither_null_nor_a_limit_that_the_document_lacks() -> None:
    properties = Parcel.model_json_schema(schema_generator=ContractSchema)["properties"]
    assert properties["sent_at"]["type"] == "string"
    assert "maxLength" not in properties["name"]
    assert refused({"name": "boxes"}, strict=False) == ["string_too_long"]


def test_repeated_items_are_refused_or_collapse_in_their_order() -> None:
    sent = {"labels": ["b", "a", "b"]}
    assert refused(sent, strict=True) == ["unique_items"]
    assert Parcel.model_validate(sent).labels == ["b", "a"]
