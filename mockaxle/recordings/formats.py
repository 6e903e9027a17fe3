"""The formats in which a log is exported."""

from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple

from mockaxle.recordings.har import write_har
from mockaxle.recordings.jsonl import Recording, write_recording
from mockaxle.recordings.pytest_file import write_pytest
from mockaxle.recordings.shell_script import write_script

Format = Literal["jsonl", "har", "curl", "pytest"]


class Form(NamedTuple):
    """Shape: write yields the file in pieces."""

    media_type: str
    write: Callable[[Recording], Iterable[str]]


FORMS: Mapping[Format, Form] = {
    "jsonl": Form("application/jsonl", write_recording),
    "har": Form("application/json", write_har),
    "curl": Form("text/x-shellscript", write_script),
    "pytest": Form("text/x-python", write_pytest),
}
