"""What a scenario file may hold, and what is said of one that may not."""

import json
from collections.abc import Callable
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockaxle.contract.data import data_file
from mockaxle.core.limits import MAX_LARGE_BODY
from mockaxle.scenarios.lines import Format
from mockaxle.scenarios.problems import ScenarioRefused
from mockaxle.scenarios.reading import format_of, read_scenario
from mockaxle.scenarios.sections import Scenario

DEFAULT = data_file("fixtures", "scenarios", "default.toml").read_bytes()
SITE = '[[sites]]\nmpan = "1000000000012"\npostcode = "M1 1AE"\n'
EVENT = """[[home_assistant_events]]
start_at = 2026-01-20T18:00:00Z
end_at = 2026-01-20T19:00:00Z
import_export = "import"
"""


def problems(text: str | bytes, format: Format = "toml") -> list[str]:
    """What is said of a file, a line per problem."""
    with pytest.raises(ScenarioRefused) as refused:
        read_scenario(text if isinstance(text, bytes) else text.encode(), name="f", format=format)
    return str(refused.value).split("\n")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "[settings]\npause_minuts = 60\n",
            "f:2: settings.pause_minuts: unknown key 'pause_minuts'; did you mean 'pause_minutes'?",
        ),
        ("\n\nfoo = 1\n", "f:3: foo: unknown key 'foo'; known keys: settings, clock, counters,"),
        ("[settings]\n\npause_minutes = 45\n", "f:3: settings.pause_minutes: must be a multiple of 30"),
        ("settings.unknown_model = 'no'\n", "f:1: settings.unknown_model: must be one of 'stored' or 'refused'"),
        ("settings.strict_time = 'yes'\n", "f:1: settings.strict_time: must be true or false, without quotes"),
        ("[settings]\nstrict_time = maybe", "f:2: Invalid value (at line 2, column 15)"),
        (SITE + '[[sites]]\nmpan = "1"\npostcode = "x"', "f:5: sites[1].mpan: must be 13 digits, not '1'"),
        (SITE + '[[sites]]\npostcode = "x"', "f:4: sites[1].mpan: is missing; a site needs mpan or user"),
        (SITE + SITE, "f:5: sites[1].mpan: '1000000000012' is already used by another site"),
        (SITE + 'email = "nobody"', "f:4: sites[0].email: is not an email address"),
        (SITE + "gave_boundary_meter_consent_at = 2026-01-05", "f:4: sites[0].gave_boundary_meter_consent_at: not an"),
        (SITE + "dispatch_methods = {pause = 'in'}", "f:4: sites[0].dispatch_methods.pause: must be one of"),
        (
            '[[assets]]\nsite = "x"\nexternal_id = "a"\ntype = "charger"',
            "f:2: assets[0].site: 'x' is not the",
        ),
        ('accounts = [{username = "a"},\n  {username = "a"}]', "f:2: accounts[1].username: 'a' is already used"),
        ('[[accounts]]\nusername = "a"\npassword = "wrong"', "f:3: accounts[0].password: is always refused"),
        ("[[daily_windows]]\nfrom_time = 01:00:00\nto_time = 01:00:00\nprice_gbp_per_mwh = 1", "f:1: daily_windows[0]"),
        ("[sites]\nmpan = '1'", "f:1: sites: must be a list: in TOML [[key]]"),
        ("clock = 2026-01-20T10:00:00Z", "f:1: clock: must be a table"),
        (SITE.replace('"1000000000012"', "1000000000012"), "f:2: sites[0].mpan: must be a text: put it in quotes"),
        ("clock = {at = 2026-01-20T18:00:00}", "f:1: clock.at: needs an offset, such as Z or +01:00"),
        (SITE + "dispatch_methods = {limited_paus = 'in'}", "f:4: sites[0].dispatch_methods.limited_paus: must be"),
        ('[clock]\nat = "soon"', "f:2: clock.at: not an instant such as"),
        ("[[portfolios]]\nname = 'p'\ncount = 100001", "f:3: portfolios[0].count: must be at most 100000"),
        (
            "[[portfolios]]\nname = 'p'\ncount = 9\nfirst_mpan = '999999999995'",
            "f:4: portfolios[0].first_mpan: is too high",
        ),
        ("# [ '\ny = ']'\nx = [\n" + "[" * 5000 + "]" * 5001, "f:4: is nested deeper than 16 levels"),
        (
            "\nx = " + "[" * 20 + "]" * 20,
            "f:2: x[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]: is nested deeper than 16",
        ),
        ("\na.b.c.d.e.f.g.h = [{a.b.c.d.e.f.g.h = 1}]", "f:2: a.b.c.d.e.f.g.h[0].a.b.c.d.e.f.g: is nested deeper"),
        ("x = [\n1,\n", "f:3: Invalid value (at end of document)"),
        (SITE + "balance_pence = 0x" + "f" * 5000, "f:4: sites[0].balance_pence: must be at most 10"),
        ("settings.style = 0x" + "f" * 5000, "f:1: settings.style: must be one of 'contract' or 'wire'"),
        ("x = '" + "1" * 5000 + "'\ny = -1_" + "1" * 5000, "f:2: has a whole number of more than 4300 digits"),
        ('[settings]\n"a\\nb\\u001b" = 1', "f:2: settings.'a\\nb\\x1b': unknown key 'a\\nb\\x1b'; known keys: style"),
        (f"[settings]\n{'x' * 5000} = 1", f"f:2: settings.{'x' * 60}: unknown key '{'x' * 60}'; known keys: style"),
        (SITE + "'[key]' = 1", "f:4: sites[0].'[key]': unknown key '[key]'"),
        (SITE + "dispatch_methods = {'[key]' = 'in'}", "f:4: sites[0].dispatch_methods.'[key]': must be one of"),
        (
            SITE + "transactions = [{credit_pence = 1, settled_on = 2026-01-20T10:00:00Z}]",
            "f:4: sites[0].transactions[0].settled_on: must be",
        ),
        ("[a]\n" * 2 + "x" * 9, "f:2: Cannot declare ('a',) twice (at line 2, column 3)"),
        ("\n[clok.at]\n[settings]\nstile.a.b = 1", "f:2: clok: unknown key 'clok'; did you mean 'clock'?"),
        ("\n[[sties]]\n[[sties]]\n", "f:2: sties: unknown key 'sties'; did you mean 'sites'?"),
        ("[[prices]]\nat = 0001-01-01T00:00:00+01:00\nprice_gbp_per_mwh = 1", "f:2: prices[0].at: is outside the"),
        ("[[prices]]\nat = 2026-01-21T01:00:00+05:45\nprice_gbp_per_mwh = 1", "f:2: prices[0].at: not on a half-hour"),
        (SITE + "transactions = [{credit_pence = 1, flex_kwh = '1E+999'}]", "f:4: sites[0].transactions[0].flex_kwh"),
        (
            "[clock]\nat = 2026-01-20T12:00:00Z\n" + EVENT + "updated_at = 2026-01-20T12:00:01Z",
            "f:7: home_assistant_events[0].updated_at: is later than the clock, 2026-01-20T12:00:00+00:00",
        ),
        (
            EVENT + "id = 'a'\n" + EVENT + "id = 'a'",
            "f:10: home_assistant_events[1].id: 'a' is already used by another event",
        ),
        (b"# fine\n\xff", "f:2: is not UTF-8"),
        (b"#" * (MAX_LARGE_BODY + 1), f"f: has more than {MAX_LARGE_BODY} bytes"),
    ],
)
def test_an_error_names_file_line_and_key(text: str | bytes, problem: str) -> None:
    assert problems(text)[0].startswith(problem)


def test_what_was_probably_meant_is_said_and_that_more_may_follow() -> None:
    lines = problems(SITE + "dispatch_methods = {limited_paus = 'in'}")
    assert lines[0].endswith("; did you mean 'limited_pause'?")
    assert lines[1] == "f: contradictions between sections are reported once this is fixed"


def test_problems_are_listed_in_the_order_of_their_lines() -> None:
    lines = problems("clok = 1\n[settings]\nb = 1\na = 1\n[clock]\nrate = 'x'\n")
    assert [line.split(":")[1] for line in lines[:4]] == ["1", "3", "4", "6"]


def test_errors_in_json_name_their_lines_too() -> None:
    text = json.dumps({"settings": {"pause_minutes": 60}, "sites": [{"mpan": "1", "postcode": "M1"}]}, indent=1)
    assert problems(text, "json")[0].startswith("f:7: sites[0].mpan: ")
    assert problems('{"a": 1,\n"b" 2}', "json")[0].startswith("f:2: ")
    assert problems('{"a": "[",\n"b": ' + "[" * 100_000, "json") == ["f:2: is nested deeper than 16 levels"]
    assert problems('{"a":\n' + "9" * 5000 + "}", "json") == ["f:2: has a whole number of more than 4300 digits"]
    assert problems('{"sites": [{"mpan":\n"1",\n"email": "a@\\ud800"}]}', "json")[0].startswith(
        "f:3: sites[0].email: contains"
    )
    assert problems('{"sites": [{\n"\\udc00": 1}]}', "json")[0].startswith(
        "f:2: sites[0].'\\udc00': contains an unpaired surrogate"
    )
    assert read_scenario(b'{"models": [{"name": "\\ud83d\\ude97"}]}', name="f", format="json").models
    assert problems("[]", "json")[0].startswith("f: must be a table")


def test_every_wrong_place_is_listed_up_to_a_hundred() -> None:
    lines = problems("".join(f"k{number} = 1\n" for number in range(120)))
    assert (len(lines), lines[-1]) == (101, "f: and 21 more")
    assert all(line.startswith(f"f:{number}: k{number - 1}:") for number, line in enumerate(lines[:100], start=1))


def wrong(count: int) -> bytes:
    """A scenario of so many sites, each with one problem that its own table shows and one that it shares."""
    return "".join(f"[[sites]]\nmpan = '{number:013}'\npostcod = 1\n" for number in range(count)).encode()


def repeated(count: int) -> bytes:
    return "".join(f"[[sites]]\nmpan = '{number // 2:013}'\n" for number in range(count)).encode()


def deep(count: int) -> bytes:
    return json.dumps({"sites": [{"mpan": "x", "linked": [1] * 50, "tariff": {"a": 1}}] * (count // 50)}).encode()


@pytest.mark.parametrize(("content", "format"), [(wrong, "toml"), (repeated, "toml"), (deep, "json")])
@pytest.mark.usefixtures("no_collector")
def test_a_wrong_scenario_of_twice_and_twice_the_size_costs_less_than_nine_times_as_much(
    content: Callable[[int], bytes], format: Format
) -> None:
    def seconds(count: int) -> float:
        text = content(count)
        began = process_time()
        assert len(problems(text, format)) == 101
        return process_time() - began

    seconds(3000)
    assert min(seconds(24_000) for _ in range(3)) < 3 * 3 * min(seconds(6_000) for _ in range(3))


def test_of_a_multitude_of_problems_the_first_are_named_and_all_are_counted() -> None:
    lines = problems(wrong(20_000))
    assert (lines[0][:20], lines[-1]) == ("f:3: sites[0].postco", "f: and 19901 more")


@pytest.mark.parametrize(
    ("text", "format", "problem"),
    [
        ('{"sites": [' + "1," * 100_000 + "1]}", "json", "f:1: sites: has 100001 entries; at most 100000 are allowed"),
        (
            "".join(f"[[portfolios]]\nname='{n}'\ncount=100000\n" for n in range(99)),
            "toml",
            "f:1: portfolios: make 9900000 sites",
        ),
        ("a." * 100_000 + "b = 1", "toml", "f:1: has a key of more than 16 parts"),
        ("x = 1\n[" + "a." * 100_000 + "b]", "toml", "f:2: has a key of more than 16 parts"),
        ("x = {" + "'a'." * 100_000 + "b = 1}", "toml", "f:1: has a key of more than 16 parts"),
    ],
    ids=["sites", "portfolios", "key", "header", "inline"],
)
def test_too_much_is_refused_before_anything_is_made_of_it(text: str, format: Format, problem: str) -> None:
    began = process_time()
    lines = problems(text, format)
    assert (len(lines), lines[0][: len(problem)]) == (1, problem)
    assert process_time() - began < 5


def test_timezones_are_looked_up_once() -> None:
    session = 'session = {tariff = {off_peak_times = "23:30-05:30", timezone = "Nowhere/Here"}}\n'
    asset = '[[assets]]\nsite = "1000000000012"\nexternal_id = "%d"\ntype = "charger"\n'
    text = SITE + "".join(asset % number + session for number in range(2000))
    began = process_time()
    assert len(problems(text)) == 101
    assert process_time() - began < 5


def test_a_file_says_in_toml_and_json_the_same() -> None:
    toml = '[clock]\nat = 2026-01-20T12:00:00Z\n[[daily_windows]]\nfrom_time = 01:00:00\nto_time = "02:00"\n'
    data = {
        "clock": {"at": "2026-01-20T12:00:00Z"},
        "daily_windows": [{"from_time": "01:00", "to_time": "02:00:00", "price_gbp_per_mwh": 9.5}],
    }
    one = read_scenario((toml + "price_gbp_per_mwh = '9.5'").encode(), name="f", format="toml")
    assert one == read_scenario(json.dumps(data).encode(), name="f", format="json")
    assert [format_of(name) for name in ("a.toml", "a.JSON", "a")] == ["toml", "json", "toml"]


def read_or_refused(text: bytes, format: Format) -> Scenario | ScenarioRefused:
    try:
        return read_scenario(text, name="f", format=format)
    except ScenarioRefused as refused:
        return refused


@pytest.mark.property
@settings(max_examples=400)
@given(st.integers(0, len(DEFAULT)), st.integers(0, 40), st.one_of(st.binary(max_size=20), st.text(max_size=20)))
@example(0, 0, "a = 1979-13-01")
@example(0, 0, "a." * 2000 + "b = 1\n")
@example(0, 0, f"a = {'9' * 5000}\n")
@example(0, 0, "'a\\n' = {\"\" = 1}\n")
def test_whatever_a_toml_file_holds_it_is_read_or_refused(place: int, length: int, put: bytes | str) -> None:
    inserted = put.encode("utf-8", "surrogatepass") if isinstance(put, str) else put
    read_or_refused(DEFAULT[:place] + inserted + DEFAULT[place + length :], "toml")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = list(Scenario.model_fields)


@pytest.mark.property
@settings(max_examples=400)
@given(st.dictionaries(st.sampled_from(KEYS), values, max_size=4))
@example({"sites": [{"mpan": "\ud800"}]})
def test_whatever_a_json_file_holds_it_is_read_or_refused(data: dict[str, object]) -> None:
    found = read_or_refused(json.dumps(data).encode(), "json")
    assert isinstance(found, Scenario) or all(problem.text for problem in found.problems)
