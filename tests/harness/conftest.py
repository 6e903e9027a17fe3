"""A mock of its own for each test of the harness."""

from collections.abc import Iterator

import pytest

from mockaxle.app import App
from mockaxle.serving.listener import serve_in_thread
from tests.mutants.checking import fresh_app


@pytest.fixture
def app() -> App:
    return fresh_app()


@pytest.fixture
def url(app: App) -> Iterator[str]:
    with serve_in_thread(app) as url:
        yield url
