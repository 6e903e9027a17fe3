"""Sites and assets of the records suite created and changed by hand. Source: U9, U10, U13, U14, L8, L9."""

from mockaxle.harness.answer import Answer
from mockaxle.harness.json_values import Json, JsonObject
from mockaxle.harness.names import NOBODY
from mockaxle.harness.operations import (
    CHANGE_ASSET,
    CHANGE_SITE,
    CREATE_ASSET,
    CREATE_SITE,
    FIND_ASSET,
    HAND_OVER_TOKEN,
    LIST_SITES,
    READ_ASSET,
)
from mockaxle.harness.records.own_sites import OwnSites
from mockaxle.harness.records.refusals import NOT_CREATABLE
from mockaxle.harness.records.upserts import EMAIL, FILLED, MODEL
from mockaxle.harness.run import Judge

POSTCODE, OTHER_POSTCODE = "LS1 4AP", "DN55 1PT"
WRITE_ONLY: JsonObject = {"asset_model": MODEL, "installation_date": "2024-03-01", "serial_number": "SN-0001"}
CREATED: tuple[tuple[str, JsonObject], ...] = (
    ("charger", {"properties": {"power_kw": 7.4}, **WRITE_ONLY}),
    ("battery", {"properties": {"power_kw": 5, "capacity_kwh": 13.5}, **WRITE_ONLY}),
    ("heat pump", {}),
    ("electric_vehicle", {"properties": {"capacity_kwh": 77.5}}),
    ("hot water tank", {"installation_date": "2020-02-29"}),
)
"""The types of asset that can be created, each with some fields."""


def sites_by_hand(judge: Judge) -> None:
    """Create a site with all fields and one with the fewest, and try addresses and MPANs that have a site."""
    judge.run.needs(CREATE_SITE)
    with OwnSites(judge, "site", count=2) as own:
        whole = own.home(street_address=own.street(), email=EMAIL)
        made = own.account.call(CREATE_SITE, whole)
        site_id = own.id(made, "id", of="U10f")
        _listed(own, site_id)
        at_address = own.refused.call(CREATE_SITE, {**whole, "mpan": own.mpans[1]})
        judge.status(at_address, 409, of="U10a", title="an address that has a site gets another")
        named = at_address.is_good or site_id in at_address.text
        title = "the refusal of an address does not name its site"
        judge.expect(named, at_address, of="U10b", title=title, expected=f"a text with {site_id}")
        at_mpan = own.refused.call(CREATE_SITE, own.home(street_address=own.street(2)))
        judge.status(at_mpan, 409, of="U10e", title="an MPAN that has a site gets another")
        unreachable = own.refused.call(CREATE_SITE, own.home(1, email="no address"))
        judge.status(unreachable, 400, of="U7b", title="a site with an invalid email is created")
        for answer in (at_address, at_mpan, unreachable):
            _away(own, answer)
        own.stored_nothing(of="U10a", place=1)
        own.read(site_id)
        bare = own.unconsented(1)
        second = own.id(own.account.call(CREATE_SITE, bare), "id")
        _listed(own, second)
        _listed(own, site_id)


def _away(own: OwnSites, answer: Answer) -> None:
    """Remove a site that should not have been created."""
    if answer.is_good and (made := answer.text_at("id")):
        own.run.take_away(own.account, made)


def handed_over(judge: Judge) -> None:
    """Hand over tokens of a device cloud: with a refresh token, of an API key, and without either."""
    judge.run.needs(HAND_OVER_TOKEN)
    with OwnSites(judge, "handed-over") as own:
        site_id = own.made(own.home(), own.charger())
        for token in ({"token_type": "bearer", "refresh_token": "from-the-cloud"}, {"token_type": "API_KEY"}):
            taken = own.account.call(HAND_OVER_TOKEN, {**token, "access_token": "of-the-cloud"}, site_id=site_id)
            own.accepted(taken, of="U15a")
        for token in ({"token_type": "bearer"}, {}):
            refused = own.refused.call(HAND_OVER_TOKEN, {**token, "access_token": "of-the-cloud"}, site_id=site_id)
            title = "a token without refresh_token is taken, though it is not an API_KEY"
            judge.status(refused, 400, 422, of="U15a", title=title)


def _listed(own: OwnSites, site_id: str) -> None:
    """Read a site by its id and in the list."""
    read = own.read(site_id)
    if own.has(LIST_SITES) and (mpan := read.text_at("mpan")):
        own.account.call(LIST_SITES, query={"mpan": mpan})


def _tariff(type: str, *cheap: str) -> JsonObject:
    start, end = cheap
    return {"tariff_type": type, "tariff_cheap_start_time": start, "tariff_cheap_end_time": end}


def changed_sites(judge: Judge) -> None:
    """Change each field of a site alone, and read all others."""
    judge.run.needs(CHANGE_SITE)
    with OwnSites(judge, "changed", count=2) as own:
        site = own.home(street_address=own.street())
        site_id = own.made(site, own.charger())
        _listed(own, site_id)
        tariff, later = _tariff("dual_rate", "00:30:00", "04:30:00"), _tariff("smart", "01:00:00", "05:00:00")
        changes: tuple[JsonObject, ...] = (
            {"postcode": POSTCODE},
            {"address": own.street(2)},
            {"email": EMAIL},
            {"tariff": tariff},
            {"mpan": own.mpans[1]},
            {"tariff": later},
            {"address": own.street(3), "postcode": OTHER_POSTCODE},
        )
        for change in changes:
            own.accepted(own.account.call(CHANGE_SITE, change, site_id=site_id), of="U14a")
            _listed(own, site_id)
        _by_filters(own, site["mpan"], site["postcode"], OTHER_POSTCODE)
        same = {"mpan": own.mpans[1], "postcode": OTHER_POSTCODE, "street_address": own.street(3)}
        own.upsert(own.upserts, {**site, **same, "email": EMAIL}, own.charger())
        own.read(site_id)


def _by_filters(own: OwnSites, mpan: Json, *postcodes: Json) -> None:
    """List the sites of an earlier MPAN and of postcodes."""
    if own.has(LIST_SITES):
        for query in ({"mpan": str(mpan)}, *({"postcode": str(one)} for one in postcodes)):
            own.account.call(LIST_SITES, query=query)


def assets_by_hand(judge: Judge) -> None:
    """Create an asset of each type, and try other types, unknown sites and external ids that are taken."""
    judge.run.needs(CREATE_ASSET)
    with OwnSites(judge, "asset", count=2) as own:
        first, second = own.made(own.home(), own.charger("first")), own.made(own.home(1), own.charger("second"))
        for number, (type, fields) in enumerate(CREATED):
            body = {**own.bare(f"new-{number}", type, **fields), "site_id": first}
            made = own.account.call(CREATE_ASSET, body)
            _found(own, own.id(made, "id", of="U13a"), str(body["external_id"]))
            own.read(first)
        own.list_assets()
        _refused_assets(own, first, second)
        own.read(first)
        own.read(second)
        _upserted(own)


def _refused_assets(own: OwnSites, first: str, second: str) -> None:
    """Send assets that are refused. Shape: `first` has a charger named new-0."""
    taken = own.bare("new-0")
    for body, status, of, title in (
        *(
            ({**own.bare(f"other-{type}", type), "site_id": first}, None, "U13b", "another type of asset is created")
            for type in NOT_CREATABLE
        ),
        ({**taken, "type": "battery", "site_id": first}, 409, "U6a", "an external_id gets an asset of another type"),
        ({**taken, "site_id": second}, 409, "U6b", "an external_id of another site gets an asset"),
        ({**own.bare("lost"), "site_id": NOBODY}, 404, "E4b", "an asset is created at a site that does not exist"),
    ):
        answer = own.refused.call(CREATE_ASSET, body)
        refused = answer.status >= 400 if status is None else answer.status == status
        own.judge.expect(refused, answer, of=of, title=title, expected=str(status or "a refusal"))
        if own.has(FIND_ASSET) and body["external_id"] != taken["external_id"] and not answer.is_good:
            found = own.refused.call(FIND_ASSET, external_id=str(body["external_id"]))
            own.judge.status(found, 404, of="U13b", title="a refused asset is stored")


def _upserted(own: OwnSites) -> None:
    """Upsert the assets with the fields that were sent, so that those that no answer shows are compared."""
    assets = [
        {name: value for name, value in own.bare(f"new-{number}", type, **fields).items() if name != "serial_number"}
        for number, (type, fields) in enumerate(CREATED)
    ]
    own.upsert(own.upserts, own.home(), *assets)


def _found(own: OwnSites, asset_id: str, external_id: str) -> None:
    """Read an asset by its id and by its external id."""
    own.calls({READ_ASSET: None}, asset_id=asset_id)
    own.calls({FIND_ASSET: None}, external_id=external_id)


def changed_assets(judge: Judge) -> None:
    """Change each field of an asset alone, and read all others."""
    judge.run.needs(CHANGE_ASSET, READ_ASSET)
    with OwnSites(judge, "changed-asset") as own:
        asset = own.bare("charger", properties={"power_kw": 7.4, "capacity_kwh": 40})
        made = own.upsert(own.upserts, own.home(), asset, own.bare("bare"))
        site_id = own.id(made, "site", "site_id")
        own.read(site_id)
        changes: tuple[JsonObject, ...] = (
            {"asset_model": MODEL},
            {"properties": {"power_kw": 11}},
            {"properties": {"capacity_kwh": 62.5}},
            {"installation_date": "2024-03-01"},
            {"properties": {"power_kw": 22, "capacity_kwh": 75}},
        )
        for number, name in enumerate(("charger", "bare")):
            asset_id = own.id(made, "assets", number, "asset_id")
            own.calls({READ_ASSET: None}, asset_id=asset_id)
            for change in changes:
                own.accepted(own.account.call(CHANGE_ASSET, change, asset_id=asset_id), of="U14a")
                _found(own, asset_id, own.external_id(name))
            own.read(site_id)
            own.list_assets()
        whole: dict[str, Json] = {**FILLED[3], **FILLED[4], "properties": {"power_kw": 22, "capacity_kwh": 75}}
        own.upsert(own.upserts, own.home(), *({**own.bare(name), **whole} for name in ("charger", "bare")))
