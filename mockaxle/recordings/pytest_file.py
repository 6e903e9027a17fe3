"""Writes a recording as a pytest file."""

import re
from collections.abc import Iterator
from typing import Any

from mockaxle.core.timestamps import read_timestamp
from mockaxle.recordings.jsonl import Recording
from mockaxle.recordings.names import BASE, NAMES, TOKEN
from mockaxle.recordings.steps import Step, steps, strings

HEAD = '''\
"""The log of the world {world} as a test. MOCKAXLE_URL is the server's URL."""

import os
from unittest.mock import ANY

import httpx
import pytest

BASE = os.environ.get("MOCKAXLE_URL", "http://127.0.0.1:2953")
PASSWORD = os.environ.get("MOCKAXLE_PASSWORD", "demo")


def bearer(token: str, **more: str) -> dict[str, str]:
    return {{"Authorization": f"Bearer {{token}}", **more}}


def test_as_recorded() -> None:
    with httpx.Client(base_url=BASE, trust_env=False, timeout=None) as client:
'''
INDENT = " " * 8


def write_pytest(recording: Recording) -> Iterator[str]:
    """Yield the file's lines."""
    yield HEAD.format(world=re.sub(r'[\\"]', "", ascii(recording.world)))
    writer = Writer()
    lines = [f"{INDENT}{line}\n" for step in steps(recording) for line in writer.lines(step)]
    yield from lines or [f"{INDENT}pass\n"]


class Writer:
    """Writes steps in order, and remembers the names that they define."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._sent: set[str] = set()

    def lines(self, step: Step) -> Iterator[str]:
        call = self._call(step)
        yield f"# {step.number}"
        if step.breaks:
            yield "with pytest.raises(httpx.TransportError):"
            yield f"    {call}"
            return
        yield f"answer = {call}"
        yield f"assert answer.status_code == {step.status}, answer.text"
        for capture in step.captures:
            if capture.value != TOKEN:
                self._names[capture.value] = capture.name
            yield f"{capture.name} = answer.json(){''.join(f'[{key!r}]' for key in capture.place)}"
        if step.answer is not None:
            yield f"assert answer.json() == {self._literal(step.answer, answered=True)}"

    def _call(self, step: Step) -> str:
        words = [repr(step.verb), self._text(step.path)]
        if step.username is not None:
            words.append(f'data={{"username": {step.username!r}, "password": PASSWORD}}')
        elif step.raw is not None:
            words.append(f"content={step.raw!r}")
        elif step.body is not None:
            self._sent |= {text for _, text in strings(step.body)}
            words.append(f"json={self._literal(step.body, answered=False)}")
        if step.token:
            kind = f", **{{'Content-Type': {step.content_type!r}}}" if step.raw is not None else ""
            words.append(f"headers=bearer({step.token}{kind})")
        return f"client.request({', '.join(words)})"

    def _text(self, text: str) -> str:
        """Write a text as a literal, with variables for values of earlier answers."""
        if not any(name in self._names for name in NAMES.findall(text)):
            return repr(text)
        escaped = text.replace("{", "{{").replace("}", "}}")
        return "f" + repr(NAMES.sub(lambda m: f"{{{self._names[m[0]]}}}" if m[0] in self._names else m[0], escaped))

    def _literal(self, value: Any, *, answered: bool) -> str:
        """Write a value as a literal. In an answer, unnamed ids and the server's own instants are ANY."""
        if isinstance(value, dict):
            return "{" + ", ".join(f"{k!r}: {self._literal(v, answered=answered)}" for k, v in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(self._literal(item, answered=answered) for item in value) + "]"
        if not isinstance(value, str):
            return repr(value)
        if value in self._names:
            return self._names[value]
        made_up = NAMES.fullmatch(value) or read_timestamp(value) or TOKEN in value or value.startswith(BASE)
        return "ANY" if answered and made_up and value not in self._sent else self._text(value)
