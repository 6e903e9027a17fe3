"""No regular expression of the package takes long over any text: each is fed its own worst one.

Those of pydantic's fields are left out: its engine does not go back.
"""

import ast
import re
from collections.abc import Iterator
from math import sqrt
from pathlib import Path
from time import thread_time
from typing import Any, NamedTuple

import pytest

from mockaxle.scenarios.lines import _Toml
from mockaxle.scenarios.parsing import _LONG_KEY
from tests.test_architecture import MODULES, PACKAGE

MEASURABLE_SECONDS = 0.02
LONGEST = 4_000_000
GROWTH = 3
ANCHORED = {"fullmatch", "match"}


class Text(NamedTuple):
    """A worst text: what it begins with, what is repeated in it, and what ends it."""

    repeated: str
    end: str = ""
    begin: str = ""

    def of_length(self, length: int) -> str:
        return self.begin + self.repeated * (length // len(self.repeated)) + self.end


WORST = {
    r"[1-9][0-9]{0,17}": Text("1", "x"),
    r"[\w.%+-]+=": Text("a", "!"),
    r"-?[0-9]+": Text("1", "x"),
    r"'[^']*'": Text("'a'", "'"),
    r"'([^']*)'": Text("'a'", "'"),
    r"-?[0-9]{1,18}": Text("1", "x"),
    r"line (\d+) column (\d+)$": Text("line 1 column 1", "x"),
    r"\d+": Text("1", "x"),
    r"site [0-9a-f-]{36}": Text("site 0123456789abcdef"),
    r"[\w.-]+": Text("eyJ", "/"),
    r'"(?:[^"\\]++|\\.)*+"?': Text(r"\a", begin='"'),
    r"\\u[0-9A-Fa-f]{4}|\\.|[^\\]++": Text(r"\u000"),
    r"(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?": Text("1", "x"),
    r'(access_token\\*"\s*:\s*\\*")[^"\\]+': Text('access_token\\" '),
    r"mock-(?P<events>events-)?(?P<what>[45][0-9]{2}|reset|empty|cut|garbage|dribble|slow)-"
    r"(?P<after>after-)?(?:(?P<count>[1-9])x-)?.*": Text("mock-503-"),
    r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}": Text("0123-"),
    r"[0-9]{1,9}-[0-9a-f]{16}": Text("1"),
    r'[\\"]': Text("\\"),
    r"{(\w+)}": Text("a", begin="{"),
    r'"(site_id|asset_id)": "[0-9a-f-]{36}"': Text('"site_id": "0'),
    r"\\u[dD][89a-fA-F]": Text(r"\ud"),
    r"\(at line ([0-9]+),": Text("1", begin="(at line "),
    r'"#/components/schemas/([^"]+)"': Text("a", begin='"#/components/schemas/'),
    r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?": Text("a", "/"),
    r"[A-Za-z0-9.-]+(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](?::[0-9]{1,5})?": Text("a", "/"),
    r"([0-9a-f]{8})-[0-9a-f-]{27}": Text("01234567-"),
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}": Text("0123-"),
    r"([0-9]{1,9})-([0-9a-f]{16})": Text("1"),
    r"([01][0-9]|2[0-3]):([0-5][0-9])-(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00)": Text("00:00-"),
    r"-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?": Text("1", "x"),
    r"\b(?:[A-Z]{1,2}[0-9][A-Z0-9]?|GIR) ?[0-9][A-Z]{2}\b": Text("A1 "),
    r"[^@\s]+@[^@\s]+": Text("a", " "),
    r"[0-9]{13}": Text("1"),
    r"[0-9A-Fa-f_]++": Text("a", "x"),
    r"\d{4}-\d\d-\d\d[Tt ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)": Text(
        "1", "x", begin="2026-01-01T00:00:00."
    ),
    r"([A-Z]{1,2}[0-9][A-Z0-9]?|GIR)([0-9][A-Z]{2})": Text("A1"),
    r"[ \t\r\n,:]*+": Text(" ", "x"),
    r"(?:[ \t\r\n,]|#[^\n]*+)*+": Text("#\n", "x"),
    r"[ \t]*+=[ \t]*+": Text(" ", "x", begin="="),
    r"[ \t]*+\]{1,2}": Text(" ", "x"),
    r"""[ \t]*+([A-Za-z0-9_-]++|"(?:[^"\\\n]++|\\.)*+"|'[^'\n]*+')[ \t]*+(\.?)""": Text(r"\a", begin='"'),
    r"^[A-Z]+ /\S*[:\s]\s*": Text(":", begin="GET /"),
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)": Text("2026-01-01T00:00:00"),
    r": (?:[\w*]+\.)*(?P<name>\w+)$": Text("a.", "!", begin=": "),
    r"4\d\d( or 4\d\d)*": Text(" or 404", "x", begin="404"),
    r" 500$": Text(" 500"),
    r"([Zz]|[+-]\d\d:\d\d)$": Text("+00:00", "x"),
    r'^\{"PhaseStarted".*"phase":\{"name":"(\w+)"': Text('"phase":{"name":"a', begin='{"PhaseStarted"'),
    r"/[^\s\"'<>,]*|[0-9a-f-]{8,}|\d+": Text("0000000/"),
    r"\$(BASE|PASSWORD|\w*TOKEN)\b": Text("TOKEN", "_", begin="$"),
    r"\ban? (?:site|asset)\b|\b(?:site|asset)(?=s\b)": Text("a site"),
    r"\d\d:\d\d:\d\d(\.\d+)?": Text("0", "x", begin="00:00:00."),
    r"\b[0-9]{13}\b": Text("1"),
    r"\{\w+\}": Text("a", begin="{"),
    r"[A-Za-z0-9][A-Za-z0-9._-]*": Text("a", "/"),
    r"\{(asset_id|external_id|site_id)\}": Text("{asset_i"),
    r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?": Text("a", "-"),
    r"[!-~]+": Text("a", " "),
    r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(?::[0-9]{1,5})?": Text("a", "/"),
}

COMPUTED = {
    "control/bodies.py": (r"\bClockBody\b", Text("ClockBody_")),
    "harness/causes.py": (r"\bdispatch_methods\b", Text("dispatch_methods_")),
    "recordings/names.py": (r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9]{1,9}-[0-9a-f]{16}", Text("0123-")),
    "scenarios/building.py": (r"w([0-9]{1,9})", Text("1", begin="w")),
    "scenarios/lines.py": (_Toml._TO_BRACKET.pattern, Text("""'a' "\\b" ""\n""", '"')),
    "scenarios/parsing.py": (_LONG_KEY.pattern, Text("{a.")),
}
"""The patterns that a module puts together, by one of them."""


class Expression(NamedTuple):
    pattern: "re.Pattern[str]"
    is_anchored: bool
    worst: Text

    def cost(self, text: str) -> float:
        """The seconds of CPU that the text takes, at best."""
        return min(self._once(text) for _ in range(3))

    def _once(self, text: str) -> float:
        begun = thread_time()
        if self.is_anchored:
            self.pattern.fullmatch(text)
        else:
            for _ in self.pattern.finditer(text):
                pass
        return thread_time() - begun


def growth(expression: Expression) -> float:
    """How many times as long twice the text takes, at the first length that takes long enough to be measured.

    Doubled twice, since a busy machine blurs one doubling.
    """
    length = 1_000
    while length <= LONGEST:
        once = expression.cost(expression.worst.of_length(length))
        if once >= MEASURABLE_SECONDS:
            return sqrt(expression.cost(expression.worst.of_length(4 * length)) / once)
        length *= 2
    return 0.0


def calls() -> Iterator[tuple[Path, ast.Call, str]]:
    """Every call of the module re, and what the pattern is called where it is compiled."""
    for module in MODULES:
        tree = ast.parse(module.read_text(encoding="utf-8"))
        named = {
            id(node.value): ast.unparse(node.targets[0]) for node in ast.walk(tree) if isinstance(node, ast.Assign)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re."):
                yield module, node, named.get(id(node), "")


def literal(call: ast.Call) -> str | None:
    """The pattern that a call spells, or None where it puts one together."""
    try:
        value: Any = ast.literal_eval(call.args[0])
    except ValueError:
        return None
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def is_anchored(call: ast.Call, name: str) -> bool:
    """Whether the pattern is only ever held against the whole of a text."""
    used = {ast.unparse(call.func).removeprefix("re.")}
    if used == {"compile"}:
        methods = re.compile(rf"\b{re.escape(name)}\.(fullmatch|match|search|sub|split|findall|finditer)\(")
        used = {found for module in MODULES for found in methods.findall(module.read_text(encoding="utf-8"))}
    return used <= ANCHORED


LITERAL = {
    pattern: Expression(re.compile(pattern, re.DOTALL), is_anchored(call, name), WORST[pattern])
    for _, call, name in calls()
    if (pattern := literal(call)) is not None and pattern in WORST
}


def test_every_expression_has_its_worst_text() -> None:
    found = {pattern for _, call, _ in calls() if (pattern := literal(call)) is not None}
    assert found == WORST.keys()
    computed = {str(module.relative_to(PACKAGE)) for module, call, _ in calls() if literal(call) is None}
    assert computed == COMPUTED.keys()


@pytest.mark.parametrize("pattern", WORST)
def test_twice_the_worst_text_takes_at_most_three_times_as_long(pattern: str) -> None:
    assert growth(LITERAL[pattern]) <= GROWTH


@pytest.mark.parametrize("module", COMPUTED)
def test_so_does_a_pattern_that_is_put_together(module: str) -> None:
    pattern, worst = COMPUTED[module]
    compiled = re.compile(pattern, re.DOTALL | re.MULTILINE)
    assert growth(Expression(compiled, False, worst)) <= GROWTH


def test_a_quadratic_expression_is_found() -> None:
    quadratic = Expression(re.compile(r"eyJ[\w-]*\.[\w-]+\.[\w-]*"), False, Text("eyJ"))
    assert growth(quadratic) > GROWTH
