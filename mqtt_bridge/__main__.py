"""`python -m mqtt_bridge [--source mqtt|kafka]`: carries what devices say into the topic `readings`."""

import argparse
import sys

from mqtt_bridge.settings import BridgeSettings
from mqtt_bridge.start import run
from wardstream.runtime import service


def _given(arguments: list[str]) -> dict[str, str]:
    parser = argparse.ArgumentParser(prog="mqtt_bridge", description=__doc__)
    parser.add_argument(
        "--source",
        choices=("mqtt", "kafka"),
        help="where messages come from: the MQTT broker, or the topic device-raw as AWS IoT Core's rule fills it; "
        "wins over the variable SOURCE",
    )
    return {name: text for name, text in vars(parser.parse_args(arguments)).items() if text is not None}


if __name__ == "__main__":
    sys.exit(service.serve("mqtt_bridge", BridgeSettings, run, **_given(sys.argv[1:])))
