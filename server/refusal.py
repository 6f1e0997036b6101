"""Why a request was not let in: a closed list of words, so that refusals can be counted and told without a value."""

from __future__ import annotations

from enum import StrEnum

from server.kit import VerificationException


class Reason(StrEnum):
    """The check that a request did not pass, in the order in which they are made."""

    SIZE = "size"  # longer than we read, or cut short
    ENCODING = "encoding"  # not plain UTF-8
    HEADERS = "headers"  # no signature, no URL of a chain, or no base64
    URL = "url"  # the chain would not come from Amazon
    DOWNLOAD = "download"  # the chain could not be fetched in time
    CHAIN = "chain"  # its certificates prove nothing about Alexa
    SIGNATURE = "signature"  # made for other bytes, or by another key
    ENVELOPE = "envelope"  # signed, and not a request as Alexa writes them
    SKILL = "skill"  # for another skill
    TIME = "time"  # too old, from the future, or without a time


class RefusedError(VerificationException):
    """A request that is not let in, and why. Its words hold nothing of the request."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"refused by its {reason}")
        self.reason = reason
