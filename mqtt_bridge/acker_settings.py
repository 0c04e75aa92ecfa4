"""What the acker needs to know besides what the bridge does: how often a device is told, and where AWS is."""

from pydantic import Field

from mqtt_bridge.settings import BridgeSettings
from wardstream.runtime.aws import AwsSettings


class AckerSettings(BridgeSettings, AwsSettings):
    """SOURCE says how devices are spoken to. `kafka` means that AWS IoT Core is before the bridge: they are told through
    its data plane, by HTTPS and a role, and MQTT_HOST isn't needed.
    """

    ack_interval_s: float = Field(
        1.0, ge=0.1, le=86_400, description="a device is told at most so often, whatever came of it meanwhile"
    )
