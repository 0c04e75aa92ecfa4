"""`python -m mqtt_bridge`: carries what devices publish over MQTT into Kafka."""

import sys

from mqtt_bridge.bridge import run
from mqtt_bridge.settings import BridgeSettings
from wardstream.runtime import service

if __name__ == "__main__":
    sys.exit(service.serve("mqtt_bridge", BridgeSettings, run))
