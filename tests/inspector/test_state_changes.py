"""What an entry changed, as its page lists it."""

from mockaxle.app import create_app
from mockaxle.core.state import State
from mockaxle.inspector.state_changes import DERIVED, OF_ASSETS, OF_SITES
from tests.clocks import ManualClock
from tests.inspector.test_pages import said
from tests.inspector.visiting import Partner, Visiting, visiting

NAMED = {"reference", "outbox", "dispatches", "emails", "withdrawals"}
"""The parts of a state that are listed by themselves."""


def test_every_part_of_a_state_is_listed_or_follows_from_others() -> None:
    listed = {*OF_SITES, *OF_ASSETS, *NAMED}
    assert listed | DERIVED == set(State._fields)
    assert listed.isdisjoint(DERIVED)


def test_a_receiver_is_listed(visitor: Visiting, partner: Partner) -> None:
    partner.control("PUT", "/receivers/partner", {"url": "http://127.0.0.1:9/", "kind": "webhooks"})
    page = said(visitor.text("/log/2"))
    assert "receivers all" in page
    assert "Do it again" not in page
    partner.control("POST", "/tokens/revoke", {"username": "nobody"})
    visitor.log_in(partner.username)
    assert "tokens revocations 0 1" in said(visitor.text("/log/3"))


def test_the_last_entry_is_not_blamed_for_what_fell_due_after_it() -> None:
    clock = ManualClock()
    with visiting(create_app(clock=clock)) as visitor:
        visitor.log_in("acme")
        partner = Partner(str(visitor.client.base_url), "acme")
        _, asset_id = partner.onboarded()
        partner.plug_in(asset_id)
        partner.call("GET", "/auth/users/me/")
        clock.advance(hours=20)
        visitor.log_in("acme")
        assert "What it changed Nothing." in said(visitor.text("/log/4"))
        partner = Partner(str(visitor.client.base_url), "acme")
        assert "transactions of site" in said(visitor.text("/log/5"))
        assert "What it changed Nothing." in said(visitor.text("/log/4"))
