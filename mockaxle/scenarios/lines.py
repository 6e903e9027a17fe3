"""Finds the lines of keys in a TOML or JSON text.

tomllib or json has read the text before, so the readers below only find positions and check nothing. Each goes through
the text once and skips everything that is not on a wanted path.
"""

import json
import re
import tomllib
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Literal

from mockaxle.scenarios.problems import Path

Format = Literal["toml", "json"]
Wanted = frozenset[Path]
"""The wanted paths and all paths above them."""


class Lines:
    """The lines of some keys. A key without a line has that of the nearest key above it."""

    def __init__(self, paths: Iterable[Path], text: str, *, format: Format) -> None:
        wanted = frozenset(path[:size] for path in paths for size in range(len(path) + 1))
        reader = _Toml(text, wanted) if format == "toml" else _Json(text, wanted)
        reader.read()
        self._lines = reader.lines

    def of(self, path: Path) -> int | None:
        """Units: lines count from 1."""
        above = (path[:size] for size in range(len(path), 0, -1))
        return next((self._lines[one] for one in above if one in self._lines), None)


class _Reader(ABC):
    """A position in the text, and the lines found before it."""

    _BETWEEN: re.Pattern[str]

    def __init__(self, text: str, wanted: Wanted) -> None:
        self.lines: dict[Path, int] = {}
        self._text, self._wanted = text, wanted
        self._at = self._counted = 0
        self._line = 1

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = pattern.match(self._text, self._at)
        assert found is not None, "the text has been read without an error"
        self._at = found.end()
        return found

    def _next(self) -> str:
        """Skip separators and return the next character; empty at the end of the text."""
        self._take(self._BETWEEN)
        return self._text[self._at : self._at + 1]

    def _note(self, path: Path, start: int) -> None:
        if path in self._wanted:
            self._line += self._text.count("\n", self._counted, start)
            self._counted = start
            self.lines[path] = self._line

    @abstractmethod
    def _value(self, path: Path) -> None:
        """Read one value and note the lines of the keys in it."""

    def _elements(self, above: Path) -> None:
        self._at += 1
        number = 0
        while self._next() != "]":
            self._note((*above, number), self._at)
            self._value((*above, number))
            number += 1
        self._at += 1


class _Json(_Reader):
    _BETWEEN = re.compile(r"[ \t\r\n,:]*+")
    _decode = json.JSONDecoder().raw_decode

    def read(self) -> None:
        self._next()
        self._value(())

    def _value(self, path: Path) -> None:
        opening = self._text[self._at]
        if path not in self._wanted or opening not in "[{":
            self._decoded()
        elif opening == "[":
            self._elements(path)
        else:
            self._members(path)

    def _decoded(self) -> object:
        value, self._at = self._decode(self._text, self._at)
        return value

    def _members(self, above: Path) -> None:
        self._at += 1
        while self._next() != "}":
            start = self._at
            path = (*above, str(self._decoded()))
            self._note(path, start)
            self._next()
            self._value(path)
        self._at += 1


_STRING = (
    r'"""(?:[^"\\]++|\\.|"(?!""))*+"{3,5}|'
    r"'''(?:[^']++|'(?!''))*+'{3,5}|"
    r'"(?:[^"\\\n]++|\\.)*+"|'
    r"'[^'\n]*+'"
)

_WORDS = re.compile(rf"{_STRING}|#[^\n]*+|[\w.+-]++", re.DOTALL | re.ASCII)


class _Toml(_Reader):
    _BETWEEN = re.compile(r"(?:[ \t\r\n,]|#[^\n]*+)*+")
    _EQUALS = re.compile(r"[ \t]*+=[ \t]*+")
    _CLOSING = re.compile(r"[ \t]*+\]{1,2}")
    _KEY = re.compile(r"""[ \t]*+([A-Za-z0-9_-]++|"(?:[^"\\\n]++|\\.)*+"|'[^'\n]*+')[ \t]*+(\.?)""")
    _SCALAR = re.compile(rf"{_STRING}|[^,\]}}\n#]++", re.DOTALL)
    _TO_BRACKET = re.compile(rf"""(?:[^\[\]{{}}"'#]++|#[^\n]*+|{_STRING})*+""", re.DOTALL)

    def read(self) -> None:
        table: Path = ()
        self._counts: dict[Path, int] = {}
        while opening := self._next():
            if opening == "[":
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> Path:
        """Read the path of the table that begins here."""
        start = self._at
        is_array = self._text.startswith("[[", start)
        self._at += 2 if is_array else 1
        path = self._below_arrays(self._keys())
        if is_array:
            self._counts[path] = self._counts.get(path, -1) + 1
            path = (*path, self._counts[path])
        self._note_below((), path, start=start)
        self._take(self._CLOSING)
        return path

    def _note_below(self, table: Path, path: Path, *, start: int) -> None:
        """Note a key and the tables that it creates implicitly: their line is that of the first key in them."""
        for size in range(len(table) + 1, len(path)):
            if path[:size] not in self.lines:
                self._note(path[:size], start)
        self._note(path, start)

    def _below_arrays(self, keys: Path) -> Path:
        """Complete a header's path: below an array of tables it means the last one."""
        path: Path = ()
        for number, key in enumerate(keys):
            path = (*path, key)
            if path in self._counts and number < len(keys) - 1:
                path = (*path, self._counts[path])
        return path

    def _keys(self) -> Path:
        keys: list[str] = []
        dot = "."
        while dot:
            key, dot = self._take(self._KEY).groups()
            keys.append(_plain(key))
        return tuple(keys)

    def _pair(self, table: Path) -> None:
        start = self._at
        path = (*table, *self._keys())
        self._note_below(table, path, start=start)
        self._take(self._EQUALS)
        self._value(path)

    def _value(self, path: Path) -> None:
        opening = self._text[self._at]
        if opening not in "[{":
            self._take(self._SCALAR)
        elif path not in self._wanted:
            self._step_over()
        elif opening == "[":
            self._elements(path)
        else:
            self._members(path)

    def _step_over(self) -> None:
        """Skip an array or an inline table."""
        depth = 0
        while True:
            depth += 1 if self._text[self._at] in "[{" else -1
            self._at += 1
            if depth == 0:
                return
            self._take(self._TO_BRACKET)

    def _members(self, above: Path) -> None:
        self._at += 1
        while self._next() != "}":
            self._pair(above)
        self._at += 1


def line_of_level(text: str, level: int) -> int:
    """Find the line of the first bracket nested deeper; the text must be valid up to there."""
    at = depth = 0
    while depth <= level:
        found = _Toml._TO_BRACKET.match(text, at)
        assert found is not None, "it also matches the empty text"
        at = found.end() + 1
        depth += 1 if text[at - 1] in "[{" else -1
    return text.count("\n", 0, at) + 1


def line_of_long_number(text: str, digits: int, *, in_any_base: bool = False) -> int | None:
    """Find the line of the first whole number with more digits; the text must be valid up to there."""
    for found in _WORDS.finditer(text):
        word = found[0].replace("_", "").lstrip("+-")
        is_based = in_any_base and word.startswith(("0x", "0o", "0b"))
        rest = "" if is_based else word.lstrip("0123456789")
        if len(word) - len(rest) > digits and not rest.startswith((".", "e", "E")):
            return text.count("\n", 0, found.start()) + 1
    return None


def _plain(key: str) -> str:
    """Remove a key's quotes and escapes."""
    if key.startswith('"') and "\\" in key:
        return str(tomllib.loads(f"key = {key}")["key"])
    return key[1:-1] if key[0] in "\"'" else key
