"""A service with one safeguard taken out (BROKEN=…): shows that the matrix can fail."""

import os
import sys
import threading
import time

from mqtt_bridge import start
from mqtt_bridge.pending import Delivery, Pending
from mqtt_bridge.settings import BridgeSettings
from parquet_sink import __main__ as sink_main
from parquet_sink import writer
from parquet_sink.claim import Lake, Landed, Outcome, land
from parquet_sink.cut import Cut
from parquet_sink.settings import SinkSettings
from wardstream.runtime import service

_LATER_S = 3.0


def _early_puback(self: Pending) -> list[Delivery]:
    """All that has come, whether Kafka has it or not."""
    settled = list(self._waiting)
    self._waiting.clear()
    return settled


def _put_later(cut: Cut, lake: Lake) -> Outcome:
    """Says that it is in the lake, and writes it some seconds later."""

    def put() -> None:
        time.sleep(_LATER_S)
        land(cut, lake)

    threading.Thread(target=put, daemon=True).start()
    return Landed(cut)


def _run(what: str) -> int:
    if what == "early PUBACK":
        Pending.settle = _early_puback  # type: ignore[method-assign]  # that is the defect
        return service.serve("mqtt_bridge", BridgeSettings, start.run)
    if what == "commit before PUT":
        writer.land = _put_later  # type: ignore[attr-defined]  # that is the defect
        return service.serve("parquet_sink", SinkSettings, sink_main.keep)
    raise SystemExit("BROKEN is 'early PUBACK' or 'commit before PUT'")


if __name__ == "__main__":
    sys.exit(_run(os.environ["BROKEN"]))
