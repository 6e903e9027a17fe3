"""The fixed limits of a server."""

MAX_HOME_ASSISTANT_EVENTS = 1_000
"""Home Assistant events of a world, ended ones included."""

MAX_LASTING_TOKENS = 1_000
"""Tokens of a world that never expire; beyond it the oldest one is revoked."""

MAX_PATTERN = 500
"""Characters of a path pattern, in a fault or an expected call."""

HASHES_AT_ONCE = 2
"""Threads that hash passwords."""

FIRST_GUESS_DELAY_SECONDS = 0.125
"""Seconds after a wrong password until the next one for that username is looked at; each further one doubles it."""

LONGEST_GUESS_DELAY_SECONDS = 4.0
"""Seconds that such a delay never exceeds."""

MAX_GUESSED_USERNAMES = 10_000
"""Usernames whose wrong passwords are counted; the one that was guessed longest ago is forgotten first."""

MAX_PEERS = 10_000
"""Peers whose new worlds are counted; the one that opened none for the longest time is forgotten first."""

OPENINGS_SPAN_SECONDS = 60
"""Seconds for which a new world counts against --new-worlds-per-minute."""

MAX_LOG_IN_WAIT_SECONDS = 60
"""Seconds, in all, that a test's log-in waits because of Retry-After."""
