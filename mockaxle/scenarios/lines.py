"""On which line of a TOML or JSON text a key stands."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from mockaxle.scenarios.problems import Path

if TYPE_CHECKING:
    from tree_sitter import Node

Format = Literal["toml", "json"]


def line_of(path: Path, text: str, *, format: Format) -> int | None:
    """The line of a key, or of the nearest one above it that the text has. Units: lines count from 1."""
    lines = dict(_toml(text) if format == "toml" else _json(text))
    return next((lines[path[:size]] for size in range(len(path), 0, -1) if path[:size] in lines), None)


def _parse(text: str, language: object) -> "Node":
    from tree_sitter import Language, Parser

    return Parser(Language(language)).parse(text.encode("utf-8", "replace")).root_node


def _toml(text: str) -> Iterator[tuple[Path, int]]:
    import tree_sitter_toml

    counts: dict[Path, int] = {}
    for node in _parse(text, tree_sitter_toml.language()).named_children:
        if node.type == "pair":
            yield from _pair(node, ())
        elif node.type in ("table", "table_array_element"):
            header = _below_arrays(_keys(node.named_children[0]), counts)
            if node.type == "table_array_element":
                counts[header] = counts.get(header, -1) + 1
                header = (*header, counts[header])
            yield header, _line(node)
            for pair in node.named_children[1:]:
                if pair.type == "pair":
                    yield from _pair(pair, header)


def _below_arrays(keys: Path, counts: dict[Path, int]) -> Path:
    """A header's path: below an array of tables it means the last of them."""
    path: Path = ()
    for number, key in enumerate(keys):
        path = (*path, key)
        if path in counts and number < len(keys) - 1:
            path = (*path, counts[path])
    return path


def _pair(node: "Node", above: Path) -> Iterator[tuple[Path, int]]:
    key, value = node.named_children[0], node.named_children[-1]
    path = (*above, *_keys(key))
    yield path, _line(node)
    yield from _inside(value, path)


def _inside(value: "Node", path: Path) -> Iterator[tuple[Path, int]]:
    """What stands in an array, an inline table or an object."""
    if value.type == "array":
        elements = [child for child in value.named_children if child.type != "comment"]
        for number, element in enumerate(elements):
            yield (*path, number), _line(element)
            yield from _inside(element, (*path, number))
    elif value.type in ("inline_table", "object"):
        for child in value.named_children:
            if child.type == "pair":
                yield from _pair(child, path)


def _json(text: str) -> Iterator[tuple[Path, int]]:
    import tree_sitter_json

    for node in _parse(text, tree_sitter_json.language()).named_children:
        yield from _inside(node, ())


def _keys(node: "Node") -> Path:
    if node.type == "dotted_key":
        return tuple(key for child in node.named_children for key in _keys(child))
    return ((node.text or b"").decode().strip("\"'"),)


def _line(node: "Node") -> int:
    return int(node.start_point.row) + 1
