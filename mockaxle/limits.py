"""The fixed limits of a server: what no option changes. Options and their defaults are in mockaxle/settings.py."""

MAX_LARGE_BODY = 10_000_000
"""Bytes of a body of `POST /data/readings`, packed or not, and of a scenario."""

MAX_BLOCKS = 1_000
"""Blocks of a charging schedule."""

MAX_USERNAME = 200
"""Characters of a username, and of a world's name."""

MAX_ACCOUNTS = 1_000
"""Accounts of a world."""

MAX_LOG_BYTES = 16 << 20
"""Bytes of a world's log, roughly."""

MAX_LOGS_BYTES = 256 << 20
"""Bytes of the logs of all worlds of a server, roughly."""

MAX_REMEMBERED_PATH = 500
"""Characters of a path whose operation is remembered."""

MAX_JOURNAL_TEXT = 1_000
"""Characters of a path or a header that the server's journal keeps."""

MAX_JOURNAL_HEADERS = 8
"""Headers of a request that the server's journal keeps."""

MAX_SITES = 100_000
"""Sites of a scenario, with those of its portfolios."""

MAX_PROBLEMS = 100
"""Problems of a scenario that are listed."""

MAX_LINGERING = 32
"""Connections that were refused and whose client has not read the answer yet."""
