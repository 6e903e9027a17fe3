"""The fixed limits of a server, which no option changes. Options are in serving/settings.py."""

MAX_HOME_ASSISTANT_EVENTS = 1_000
"""Home Assistant events of a world, ended ones included."""

MAX_LASTING_TOKENS = 1_000
"""Tokens of a world that never expire; beyond this number the oldest one is revoked."""

MAX_PATTERN = 500
"""Characters of a path pattern, in a fault or an expected call."""

HASHES_AT_ONCE = 2
"""Threads that hash passwords."""

FIRST_GUESS_DELAY_SECONDS = 0.125
"""Seconds after a wrong password until the username's next one is checked; each wrong password doubles them."""

LONGEST_GUESS_DELAY_SECONDS = 4.0
"""The maximum of that delay, in seconds."""

MAX_GUESSED_USERNAMES = 10_000
"""Usernames whose wrong passwords are counted; the one with the oldest guess is dropped first."""

MAX_PEERS = 10_000
"""Peers whose new worlds are counted; the one with the oldest opening is dropped first."""

OPENINGS_SPAN_SECONDS = 60
"""Seconds for which a new world counts against --new-worlds-per-minute."""

MAX_LOG_IN_WAIT_SECONDS = 60
"""Total seconds that a test's log-in waits because of Retry-After."""

MAX_LARGE_BODY = 10_000_000
"""Bytes of a body of `POST /data/readings`, packed or not, and of a scenario."""

MAX_FORM = 65_536
"""Bytes of a log-in form."""

MAX_AT_ONCE = 16_384
"""Bytes of a body that is handled in the event loop. A larger one is handled in a thread."""

MAX_LISTS, MAX_OBJECTS, MAX_VALUES = 10_000, 70_000, 350_000
"""Lists, objects and values in the JSON of a request; 10 MB of readings are 62,500 objects."""

MAX_CONTROL_VALUES = 20_000
"""Values in the JSON of a control call, other than a scenario."""

MAX_SEARCHED_BODY = 65_536
"""Bytes of an unpacked body in which hints look for mistakes."""

MAX_BLOCKS = 1_000
"""Blocks of a charging schedule."""

MAX_USERNAME = 200
"""Characters of a username, and of a world's name."""

MAX_WORLD_ACCOUNTS = 1_000
"""Accounts of a world."""

MAX_LOG_BYTES = 16 << 20
"""Bytes of a world's log, roughly."""

MAX_LOGS_BYTES = 256 << 20
"""Bytes of the logs of all worlds of a server, roughly."""

MAX_UNMATCHED_TEXT = 1_000
"""Characters kept of a path or header of a call that reaches no world."""

MAX_UNMATCHED_HEADERS = 8
"""Headers kept of a call that reaches no world."""

MAX_FAULTS = 1_000
"""Faults of a malformed request: of a schedule's instants so many are listed, more of its other values are one."""

MAX_SITES = 100_000
"""Sites of a scenario, including its portfolios."""

MAX_BUILT_AT_ONCE = 1_000
"""Records of a new world that is built in the event loop."""

MAX_PROBLEMS = 100
"""Problems of a scenario that are listed."""

KEEP_ALIVE_SECONDS = 20
"""Seconds for which an idle connection stays open: longer than in the pools of clients, so that none sends too late."""

MAX_LINGERING = 32
"""Refused connections whose client has not read the answer yet."""

MAX_HANDSHAKES = 16
"""TLS handshakes allowed beyond --max-connections; the one running longest is dropped first."""

MAX_TOKENS = 100_000
"""Tokens of a world; beyond this number the oldest one is dropped."""

MAX_JSON_DEPTH = 100
"""Levels of nesting in lines of a recording, in the bodies that a replay compares, and in answers to a client."""

MAX_JSON_VALUES = 300_000
"""Approximate number of values in a JSON answer to a client: an empty list of two bytes takes sixty in memory."""

MAX_ANSWER = 8_000_000
"""Bytes of an unpacked answer to a client; a page of 5,000 sites has about 3,000,000."""

MAX_REPLAYED_ANSWER = 16_000_000
"""Bytes of an answer that a replay compares; the answer to 10 MB of readings repeats them."""

MAX_FILE_ANSWER = 64_000_000
"""Bytes of an answer that is a file: a recording or a scenario."""

ANSWER_SECONDS = 30.0
"""Seconds that a client allows for a whole answer."""

CONTROL_SECONDS = 120.0
"""Seconds that a client allows for control's answer; a scenario of 100,000 sites takes a while."""
