"""On which lines keys stand, of whatever tomllib and json read."""

import json
import tomllib
from collections.abc import Callable
from time import process_time

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from mockaxle.contract.data import data_file
from mockaxle.scenarios.lines import Format, Lines
from mockaxle.scenarios.problems import Path

TOML = """
top = 1 # a "comment' [
dotted . "qu.oted" . 'li\\teral' = 2026-01-01 10:00:00
"esc\\u0061ped" = "a # \\" ] ="

[[sites]]  # the first
a = [
  1, [2, # ] }
  3], {b = "]", 'c' = ']'},
  \"\"\"
 " ]\"\" \\\"\"\"\"\"\", '''
' [''''',
  "last",
]
[sites.table]
x = 1
[[sites]]
[[sites.deep]]
y = 1
[[sites.deep]]
z = 'end'"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("dotted",), 3),
        (("dotted", "qu.oted", "li\\teral"), 3),
        (("escaped",), 4),
        (("sites",), 6),
        (("sites", 0), 6),
        (("sites", 0, "a"), 7),
        (("sites", 0, "a", 0), 8),
        (("sites", 0, "a", 1, 0), 8),
        (("sites", 0, "a", 1, 1), 9),
        (("sites", 0, "a", 2, "c"), 9),
        (("sites", 0, "a", 3), 10),
        (("sites", 0, "a", 4), 11),
        (("sites", 0, "a", 5), 13),
        (("sites", 0, "table"), 15),
        (("sites", 0, "table", "absent", 3), 15),
        (("sites", 1, "deep"), 18),
        (("sites", 1, "deep", 0, "y"), 19),
        (("sites", 1, "deep", 1, "z"), 21),
        (("absent",), None),
        ((), None),
    ],
)
def test_a_key_of_a_toml_text_has_its_line_whatever_is_passed_over(path: Path, line: int | None) -> None:
    assert Lines([path], TOML, format="toml").of(path) == line
    everything = [path, *(("sites", 0, "a", number) for number in range(6)), ("sites", 0, "a", 1, 1)]
    assert Lines(everything, TOML, format="toml").of(path) == line


def test_a_key_of_a_json_text_has_its_line_whatever_is_passed_over() -> None:
    text = '\n{"a": [{"b]": "}\\""},\n2,\n\t["x"]], "\\u0061\\n":\n {"c" : null, "d"\n:1}}'
    lines = {("a",): 2, ("a", 0, "b]"): 2, ("a", 1): 3, ("a", 2, 0): 4, ("a\n",): 4, ("a\n", "d"): 5}
    assert {path: Lines([path], text, format="json").of(path) for path in lines} == lines


def paths(data: object, above: Path = ()) -> list[Path]:
    inner = list(data.items()) if isinstance(data, dict) else list(enumerate(data)) if isinstance(data, list) else []
    return [path for key, value in inner for path in ((*above, key), *paths(value, (*above, key)))]


texts = st.text(st.sampled_from("ab-#é\\\n\t[]{}=,. \"'"), max_size=8)
values = st.recursive(
    st.booleans() | st.integers(-9, 9) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.property
@given(st.dictionaries(texts, values, max_size=4), st.booleans())
def test_every_path_of_what_is_read_has_a_line_in_the_order_of_the_text(data: dict[str, object], long: bool) -> None:
    found = paths(data)
    written = json.dumps(data, indent=1)
    lines = [Lines(found, written, format="json").of(path) for path in found]
    assert lines == sorted(line for line in lines if line)
    written = tomli_w.dumps(data, multiline_strings=long)
    last = written.count("\n") + 1
    placed = Lines(found, written, format="toml")
    for path in found:
        alone = Lines([path], written, format="toml").of(path)
        assert alone == placed.of(path)
        assert alone is None or 1 <= alone <= last


def toml(count: int) -> str:
    return "".join(f"[[sites]]\nmpan = '{number}'\nlinked = ['a', {{b = 1}}] # c\n" for number in range(count))


def jsons(count: int) -> str:
    return json.dumps(
        {"sites": [{"mpan": str(number), "linked": ["a", {"b": 1}]} for number in range(count)]}, indent=1
    )


@pytest.mark.parametrize(("content", "format"), [(toml, "toml"), (jsons, "json")])
def test_the_cost_of_finding_lines_is_that_of_the_length(content: Callable[[int], str], format: Format) -> None:
    wanted: list[Path] = [("sites", number, "linked", 1, "b") for number in range(100)]

    def seconds(count: int) -> float:
        text = content(count)
        began = process_time()
        assert Lines([*wanted, ("sites", count - 1, "linked")], text, format=format).of(("sites", count - 1))
        return process_time() - began

    seconds(1_000)
    assert min(seconds(40_000) for _ in range(3)) < 3 * 3 * min(seconds(10_000) for _ in range(3))


def test_the_shipped_scenarios_have_a_line_for_each_key() -> None:
    for file in data_file("fixtures", "scenarios").iterdir():
        text = file.read_text(encoding="utf-8")
        found = paths(tomllib.loads(text))
        placed = Lines(found, text, format="toml")
        assert all(placed.of(path) for path in found if len(path) > 2)
