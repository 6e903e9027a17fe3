"""Whether a mock runs at a URL."""

import httpx

PATH = "/__mockaxle/health"
TIMEOUT_SECONDS = 10


class NoMock(Exception):
    """No mock answers at a URL; says what does."""


def check_mock(base_url: str) -> None:
    """Raises: NoMock."""
    try:
        answer = httpx.get(f"{base_url}{PATH}", timeout=TIMEOUT_SECONDS, trust_env=False)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as error:
        raise NoMock(f"{base_url!r:.200} is no base URL such as http://127.0.0.1:2953: {error}") from None
    except httpx.HTTPError as error:
        raise NoMock(f"no answer from {base_url}: {error}") from None
    if not _is_healthy(answer):
        raise NoMock(f"{base_url} is no mock: GET {PATH} is answered {answer.status_code} {answer.text[:60]!r}")


def _is_healthy(answer: httpx.Response) -> bool:
    try:
        found = answer.json()
    except (ValueError, RecursionError):
        return False
    return answer.status_code == 200 and isinstance(found, dict) and {"status", "version"} <= found.keys()
