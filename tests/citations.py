"""Which tests cite which rule; `python -m tests.citations` writes it for `mockaxle rules`."""

import ast
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
FILE = ROOT / "contracts" / "citations.json"


def citations() -> dict[str, list[str]]:
    """The tests of each rule, as pytest names them, in the order of the ids."""
    found: dict[str, list[str]] = defaultdict(list)
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        for test, rule in _cited(ast.parse(file.read_text(encoding="utf-8"))):
            found[rule].append(f"{file.relative_to(ROOT).as_posix()}::{test}")
    return {rule: found[rule] for rule in sorted(found, key=lambda rule: (rule[0], int(rule[1:])))}


def spelt(cited: dict[str, list[str]]) -> str:
    return json.dumps(cited, indent=1) + "\n"


def _cited(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """A test and a rule that it cites, each pair once."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and function.name.startswith("test_"):
            decorators = (node for decorator in function.decorator_list for node in ast.walk(decorator))
            yield from dict.fromkeys((function.name, id) for node in decorators for id in _rules(node))


def _rules(node: ast.AST) -> Iterator[str]:
    """The ids of `pytest.mark.rule(...)`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "rule":
        yield from (arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))


if __name__ == "__main__":
    FILE.write_text(spelt(citations()), encoding="utf-8")
