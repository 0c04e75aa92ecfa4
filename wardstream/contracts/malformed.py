"""The first fate of a failure: the message is bad."""

from typing import Literal

Reason = Literal[
    "encoding",  # not UTF-8
    "json",  # not JSON, or not a JSON object
    "format",  # JSON, but none of the device formats: a field missing, unknown or of the wrong type
    "timestamp",  # no such instant, before 2000, or more than 48 h ahead
    "range",  # a value no sensor of this kind can mean
    "identity",  # speaks for another device than its topic's, or no usable device id
    "oversize",  # more bytes than a reading can have
    "version",  # a version of ours that this build doesn't know
]


class Malformed(ValueError):  # noqa: N818 -- a sentence: "raise Malformed"
    """A message that can't be used, and why.

    `reason` is safe in logs and metric labels. `detail` may name a field, never a value: it travels beside
    the original bytes in `readings.rejected`, for the engineer who mends the device.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: Reason = reason
        self.detail = detail
