"""Writes a world's state back as a scenario, which loads to the same answers."""

import json
from collections.abc import Callable
from datetime import time
from decimal import Decimal
from typing import Any

from mockaxle.core.clock import LAST
from mockaxle.core.half_hours import start_of
from mockaxle.core.home_assistant import HomeAssistantEvent, HomeAssistantEvents
from mockaxle.core.limits import MAX_SITES
from mockaxle.core.market import Market
from mockaxle.core.records import Asset, DispatchMethod, Site, Standing
from mockaxle.core.reference import Reference
from mockaxle.core.state import State, asset_of, site_of
from mockaxle.core.timestamps import spell_utc
from mockaxle.scenarios.charging import dumped_session, without_none
from mockaxle.scenarios.lines import Format
from mockaxle.scenarios.money import dumped_account, dumped_planned, dumped_transaction, dumped_withdrawal

HEADER = "# The state of a mockaxle world; serve it with `mockaxle serve --scenario FILE`.\n\n"


class TooManySites(Exception):
    """A world that is too large for a scenario."""

    def __init__(self, sites: int) -> None:
        super().__init__(f"The world has {sites} sites; a scenario has at most {MAX_SITES}")


def dump(state: State, *, clock: dict[str, Any] | None) -> dict[str, Any]:
    """Dump the state as a scenario in JSON data; `clock` is its section, if it needs one. Raises: TooManySites."""
    if state.site_order.live > MAX_SITES or state.asset_order.live > 2 * MAX_SITES:
        raise TooManySites(state.site_order.live)
    reference = state.reference
    sites = [site_of(state, id) for id in state.site_order.page(0, limit=state.site_order.live)]
    assets = [asset_of(state, id) for id in state.asset_order.page(0, limit=state.asset_order.live)]
    return {
        "settings": reference.settings.data(),
        **({"clock": clock} if clock else {}),
        "counters": {
            "seed": state.seed.hex(),
            "ids": state.minted,
            "windows": reference.market.made,
            "home_assistant_events": reference.home_assistant.made,
            "periods": state.periods,
            **({} if state.month_ends_at == LAST else {"month_ends_at": spell_utc(state.month_ends_at)}),
        },
        **_registries(reference),
        **market_sections(reference.market, price=str),
        **_home_assistant(reference.home_assistant),
        "sites": [_site(site, state) for site in sites],
        "assets": [_asset(asset, state) for asset in assets],
        "withdrawals": [dumped_withdrawal(one) for one in state.withdrawals.all()],
    }


def spelt(data: dict[str, Any], format: Format) -> bytes:
    """Write a dump as a file."""
    if format == "json":
        return json.dumps(data, ensure_ascii=False, indent=1).encode()
    import tomli_w

    return (HEADER + tomli_w.dumps(data)).encode()


def _registries(reference: Reference) -> dict[str, Any]:
    return {
        "meters": [without_none(meter._asdict()) for meter in reference.meters],
        "models": [model._asdict() for model in reference.models],
    }


def _home_assistant(known: HomeAssistantEvents) -> dict[str, Any]:
    withdrawn = {"home_assistant_withdrawn": _event(known.withdrawn)} if known.withdrawn else {}
    return {"home_assistant_events": [_event(event) for event in known.events], **withdrawn}


def _event(event: HomeAssistantEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "start_at": spell_utc(event.start_at),
        "end_at": spell_utc(event.end_at),
        "import_export": event.import_export,
        "updated_at": spell_utc(event.updated_at),
        "opted_out": event.opted_out,
    }


def market_sections(market: Market, *, price: Callable[[Decimal], Any]) -> dict[str, Any]:
    """Dump the market as sections of a scenario; `price` writes its prices. Units: GBP per MWh."""
    daily = [
        {
            "id": window.id,
            "from_time": _time(window.from_time),
            "to_time": _time(window.to_time),
            "timezone": window.timezone,
            "price_gbp_per_mwh": price(window.price_gbp_per_mwh),
        }
        for window in market.daily
    ]
    single = [
        {
            "id": window.id,
            "from_at": spell_utc(window.from_at),
            "to_at": spell_utc(window.to_at),
            "price_gbp_per_mwh": price(window.price_gbp_per_mwh),
        }
        for window in market.single
    ]
    prices = [{"at": spell_utc(start_of(n)), "price_gbp_per_mwh": price(paid)} for n, paid in market.prices]
    return {"daily_windows": daily, "single_windows": single, "prices": prices}


def _site(site: Site, state: State) -> dict[str, Any]:
    standings, account = zip(DispatchMethod, site.standings, strict=True), state.bank_accounts.get(site.id)
    tariff = site.tariff and {
        "type": site.tariff.type.value,
        "cheap_from": _time(site.tariff.cheap_from),
        "cheap_to": _time(site.tariff.cheap_to),
    }
    return without_none(
        {
            "id": site.id,
            "mpan": site.mpan,
            "user": site.user,
            "postcode": site.postcode,
            "street_address": site.street_address,
            "email": site.email,
            "gave_boundary_meter_consent_at": site.consent_at and spell_utc(site.consent_at),
            "dispatch_methods": {method.value: s.value for method, s in standings if s is not Standing.OUT},
            "pausing_since": site.pausing_since and spell_utc(site.pausing_since),
            "enrolled_at": site.enrolled_at and spell_utc(site.enrolled_at),
            "tariff": tariff and without_none(tariff),
            "bank_account": account and dumped_account(account),
            "linked": list(state.linked.get(site.id) or ()),
            "transactions": [dumped_transaction(one) for one in state.transactions.get(site.id) or ()],
        }
    )


def _asset(asset: Asset, state: State) -> dict[str, Any]:
    session = state.sessions.get(asset.id)
    return without_none(
        {
            "id": asset.id,
            "site": asset.site_id,
            "external_id": asset.external_id,
            "type": asset.type.value,
            "power_kw": asset.power_kw,
            "capacity_kwh": asset.capacity_kwh,
            "asset_model": asset.model,
            "installation_date": asset.installed_on and asset.installed_on.isoformat(),
            "created_at": spell_utc(asset.created_at),
            "session": dumped_session(session) if session else None,
            "pauses": [dumped_planned(one) for one in state.planned.get(asset.id) or ()],
            "registers": {
                label: [[spell_utc(at), value] for at, value in entries]
                for label, entries in state.registers.get(asset.id) or ()
            },
            "intervals": {
                label: [[spell_utc(one.start_at), spell_utc(one.end_at), one.value] for one in series]
                for label, series in state.intervals.get(asset.id) or ()
            },
        }
    )


def _time(at: time | None) -> str | None:
    return at.isoformat() if at is not None else None
