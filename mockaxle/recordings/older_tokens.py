"""The tokens from before a recording, and the commands' place, for all that repeats a recording's calls."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mockaxle.core.accounts import Grant
from mockaxle.recordings.applying import MISREAD
from mockaxle.recordings.jsonl import Recording, RecordingRefused, in_a_line
from mockaxle.world.token_records import load_tokens

CONTROL = "/__mockaxle/world"
REWIND = "POST /rewind"
"""The command that cannot be sent again, since the recording lacks the entries that it undid."""

RECEIVERS = ("PUT /receivers/{name}", "DELETE /receivers/{name}")
"""The commands that are not sent again, since a mock would then call the recorded receiver."""

MOVE = "POST /withdrawals/{transaction_id}"
"""The command that fails elsewhere, unless a scenario has the withdrawal: it began by a link, which is not kept."""


@dataclass(frozen=True, slots=True)
class OlderTokens:
    """The tokens from before a recording, by number; username is the account of the world's name."""

    grants: Mapping[int, Grant | None] = field(default_factory=dict)
    username: str = ""

    @classmethod
    def of(cls, recording: Recording) -> "OlderTokens":
        """Raises: RecordingRefused."""
        if recording.base is None:
            return cls({}, recording.world)
        try:
            tokens = recording.base["tokens"]
            grants = load_tokens(tokens).grants
            return cls({number: grants.get(number) for number, _ in tokens["grants"]}, recording.world)
        except MISREAD as error:
            raise RecordingRefused(f"line 1 has no valid tokens: {in_a_line(error)}") from None

    def full(self, number: int | None) -> str | None:
        """Return the account that had a token, unless the token is a component's or a link's."""
        grant = self.grants.get(number or 0)
        if grant is None or grant.site_id is not None or grant.link is not None:
            return None
        return str(grant.username)
