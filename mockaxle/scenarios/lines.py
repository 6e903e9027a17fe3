"""On which lines of a TOML or JSON text keys stand: the text is parsed once, whatever the number of keys."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal

from mockaxle.scenarios.problems import Path

if TYPE_CHECKING:
    from tree_sitter import Node

Format = Literal["toml", "json"]


class Lines:
    """The lines of some keys, each that of the nearest key above it where the text has none for it."""

    def __init__(self, paths: Iterable[Path], text: str, *, format: Format) -> None:
        wanted = frozenset(path[:size] for path in paths for size in range(len(path) + 1))
        self._lines = dict(_toml(text, wanted) if format == "toml" else _json(text, wanted))

    def of(self, path: Path) -> int | None:
        """Units: lines count from 1."""
        above = (path[:size] for size in range(len(path), 0, -1))
        return next((self._lines[one] for one in above if one in self._lines), None)


Wanted = frozenset[Path]
"""The paths that are looked for, and all those above them; what is below any other is passed over."""


def _parse(text: str, language: object) -> "Node":
    from tree_sitter import Language, Parser

    return Parser(Language(language)).parse(text.encode("utf-8", "replace")).root_node


def _toml(text: str, wanted: Wanted) -> Iterator[tuple[Path, int]]:
    import tree_sitter_toml

    counts: dict[Path, int] = {}
    for node in _parse(text, tree_sitter_toml.language()).named_children:
        if node.type == "pair":
            yield from _pair(node, (), wanted)
        elif node.type in ("table", "table_array_element"):
            header = _below_arrays(_keys(node.named_children[0]), counts)
            if node.type == "table_array_element":
                counts[header] = counts.get(header, -1) + 1
                header = (*header, counts[header])
            if header in wanted:
                yield header, _line(node)
                for pair in node.named_children[1:]:
                    if pair.type == "pair":
                        yield from _pair(pair, header, wanted)


def _below_arrays(keys: Path, counts: dict[Path, int]) -> Path:
    """A header's path: below an array of tables it means the last of them."""
    path: Path = ()
    for number, key in enumerate(keys):
        path = (*path, key)
        if path in counts and number < len(keys) - 1:
            path = (*path, counts[path])
    return path


def _pair(node: "Node", above: Path, wanted: Wanted) -> Iterator[tuple[Path, int]]:
    key, value = node.named_children[0], node.named_children[-1]
    path = (*above, *_keys(key))
    if path in wanted:
        yield path, _line(node)
        yield from _inside(value, path, wanted)


def _inside(value: "Node", path: Path, wanted: Wanted) -> Iterator[tuple[Path, int]]:
    """What stands in an array, an inline table or an object."""
    if value.type == "array":
        elements = [child for child in value.named_children if child.type != "comment"]
        for number, element in enumerate(elements):
            if (*path, number) in wanted:
                yield (*path, number), _line(element)
                yield from _inside(element, (*path, number), wanted)
    elif value.type in ("inline_table", "object"):
        for child in value.named_children:
            if child.type == "pair":
                yield from _pair(child, path, wanted)


def _json(text: str, wanted: Wanted) -> Iterator[tuple[Path, int]]:
    import tree_sitter_json

    for node in _parse(text, tree_sitter_json.language()).named_children:
        yield from _inside(node, (), wanted)


def _keys(node: "Node") -> Path:
    if node.type == "dotted_key":
        return tuple(key for child in node.named_children for key in _keys(child))
    return ((node.text or b"").decode().strip("\"'"),)


def _line(node: "Node") -> int:
    return int(node.start_point.row) + 1
