"""The texts of the project have none of some phrases that read badly."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXTS = (
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile", "docs/*.md", "contracts/*.toml"),
    *("mockaxle/**/*", "fixtures/scenarios/**/*", "examples/**/*"),
)
ENDINGS = {"", ".html", ".ini", ".md", ".mjs", ".mts", ".py", ".sh", ".toml", ".yml"}
NOT_OURS = {"node_modules", "__pycache__", ".venv"}
BANNED = re.compile(
    r"\blets? go of|\bhome's li(?:fe|ves)|\bever after\b|\bas the world was told|\bstands? for something"
    r"|\bin the place of|\bfor who |\ba rule less|\bno key here|\bhowever it was called",
    re.IGNORECASE,
)


def files() -> Iterator[Path]:
    for pattern in TEXTS:
        for file in sorted(ROOT.glob(pattern)):
            if file.is_file() and file.suffix in ENDINGS and not NOT_OURS & {*file.parts}:
                yield file


def test_no_text_has_a_phrase_that_reads_badly() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{text.count(chr(10), 0, phrase.start()) + 1}: {phrase[0]}"
        for file in files()
        for text in [file.read_text(encoding="utf-8")]
        for phrase in BANNED.finditer(re.sub(r"\s", " ", text))
    ]
    assert found == [], "\n".join(found)


def test_the_pattern_finds_its_phrases_across_lines_too() -> None:
    text = "Lets go\nof it, in the\nplace of a home's life."
    assert len(BANNED.findall(re.sub(r"\s", " ", text))) == 3
