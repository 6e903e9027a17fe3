"""Why a call has no answer that can be used.

Unanswered
├── UrlRefused             the base URL or the path cannot be called
├── NotReached             nothing listens there, or the connection broke
├── CertificateNotTrusted  the server's certificate is of an unknown authority
├── TooSlow                the whole answer did not come in time
├── TooLong                the answer is longer than the limit, packed or unpacked
└── NotReadable            the answer is packed in a way that was not asked for, or broken
"""


class Unanswered(Exception):
    """A call has no answer that can be used; the text says why, without the URL."""


class UrlRefused(Unanswered):
    pass


class NotReached(Unanswered):
    pass


class CertificateNotTrusted(Unanswered):
    def __init__(self) -> None:
        super().__init__("its certificate is not trusted here")


class TooSlow(Unanswered):
    def __init__(self, seconds: float) -> None:
        super().__init__(f"no whole answer within {seconds:g} s")


class TooLong(Unanswered):
    def __init__(self, limit: int) -> None:
        super().__init__(f"the answer is longer than {limit:,} bytes")


class NotReadable(Unanswered):
    pass
