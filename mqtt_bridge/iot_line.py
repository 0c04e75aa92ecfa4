"""The acker's way to devices behind AWS IoT Core: its data plane, which takes a request for each acknowledgement."""

import queue
import threading
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from mqtt_bridge.backoff import pause_s
from wardstream.contracts import wire
from wardstream.contracts.ack import Ack
from wardstream.contracts.topics import ack_topic
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.logs import logger

if TYPE_CHECKING:
    from mypy_boto3_iot_data import IoTDataPlaneClient

# Requests under way; a request takes some ten milliseconds, nearly all of them waiting.
AT_ONCE = 16
# What may be said and not yet under way; beyond that acknowledgements wait where newer ones replace them.
MOST_WAITING = 256
_GOODBYE_S = 2.0
_MIDDLE = 0.5
# Sixteen that are told the same needn't all say so.
_TELL_EVERY_S = 10.0
_ASK_US_LATER = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
_NOT_ALLOWED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})

_Word = tuple[str, bytes]


class IotLine:
    """QoS 0. An acknowledgement that AWS doesn't take now is said until it does; one that it calls wrong is left out. Two of one
    device may come in the other order, which an `Ack` allows. One thread may use it; its own do the waiting.
    """

    def __init__(self, client: "IoTDataPlaneClient") -> None:
        self._client = client
        self._waiting: queue.Queue[_Word] = queue.Queue()
        self._leaving = threading.Event()
        self._failures = 0
        self._tell_at_s = 0.0
        self._refused: str | None = None
        for number in range(AT_ONCE):
            threading.Thread(target=self._work, name=f"ack-{number}", daemon=True).start()

    @property
    def is_connected(self) -> bool:
        """Whether the last request went through; before the first nothing is known against it."""
        return self._failures == 0

    @property
    def has_room(self) -> bool:
        """Whether more may be said now."""
        return self._waiting.qsize() < MOST_WAITING

    @property
    def is_done(self) -> bool:
        """Whether all that was to be said is said, or given up."""
        return not self._waiting.unfinished_tasks

    def keep(self, _now_s: float) -> None:
        """`CannotRun` if AWS has said that we may not do this: waiting mends no role."""
        if self._refused is not None:
            raise CannotRun(
                f"AWS IoT refuses acknowledgements ({self._refused}): the role needs iot:Publish on cmd/*/ack"
            )

    def say(self, device_id: str, ack: Ack) -> None:
        """Tells a device, as soon as a request is free for it."""
        self._waiting.put((ack_topic(device_id), wire.encode(ack)))

    def flush(self) -> None:
        """Nothing waits for it."""

    def close(self) -> None:
        """Ends once all is said, or after two seconds; devices that weren't told say it again."""
        deadline_s = time.monotonic() + _GOODBYE_S
        while not self.is_done and self.is_connected and time.monotonic() < deadline_s:
            self._leaving.wait(0.01)
        self._leaving.set()

    def _work(self) -> None:
        while not self._leaving.is_set():
            try:
                word = self._waiting.get(timeout=0.2)
            except queue.Empty:
                continue
            while not (self._is_done(word) or self._leaving.is_set()):
                self._leaving.wait(pause_s(self._failures, _MIDDLE))
            self._waiting.task_done()

    def _is_done(self, word: _Word) -> bool:
        """Whether nothing more is to be done about it."""
        topic, payload = word
        try:
            self._client.publish(topic=topic, qos=0, payload=payload)
        except ClientError as error:
            return self._answered(error)
        except BotoCoreError as error:
            self._lost(type(error).__name__)
            return False
        self._failures = 0
        return True

    def _answered(self, error: ClientError) -> bool:
        code = str(error.response["Error"]["Code"])
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status in _NOT_ALLOWED:
            self._refused = code
        if status in _NOT_ALLOWED or status in _ASK_US_LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._lost(code)
            return False
        # A device's name that makes no topic: nobody can be told there.
        logger().warning("ack_left_out", reason=code)
        return True

    def _lost(self, reason: str) -> None:
        self._failures += 1
        now_s = time.monotonic()
        if now_s >= self._tell_at_s:
            self._tell_at_s = now_s + _TELL_EVERY_S
            logger().warning("iot_does_not_take_acks", reason=reason)
