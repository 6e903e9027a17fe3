"""The reasons why a call has no usable answer.

Unanswered
├── UrlRefused             the base URL or the path cannot be called
├── NotReached             nothing listens there, or the connection broke
├── CertificateNotTrusted  an unknown authority issued the server's certificate
├── TooSlow                the whole answer did not arrive in time
├── TooLong                the answer exceeds the limit, packed or unpacked
└── NotReadable            the answer's encoding was not accepted, or is broken
"""


class Unanswered(Exception):
    """A call has no usable answer. The text gives the reason, without the URL."""


class UrlRefused(Unanswered):
    pass


class NotReached(Unanswered):
    pass


class CertificateNotTrusted(Unanswered):
    def __init__(self) -> None:
        super().__init__("its certificate is not trusted")


class TooSlow(Unanswered):
    def __init__(self, seconds: float) -> None:
        super().__init__(f"no complete answer within {round(seconds, 2):g} s")


class TooLong(Unanswered):
    def __init__(self, limit: int) -> None:
        super().__init__(f"the answer is longer than {limit:,} bytes")


class NotReadable(Unanswered):
    pass
