"""Trust towards the MQTT broker, as the settings name it."""

import ssl

from mqtt_bridge.settings import BridgeSettings
from wardstream.runtime.failure import CannotRun

_AWS_ALPN = "x-amzn-mqtt-ca"
_AWS_TLS_PORT = 443


def context(settings: BridgeSettings) -> ssl.SSLContext:
    """Trusts MQTT_CA_FILE (else the system's authorities) and shows our certificate; `CannotRun` if a file is unusable."""
    try:
        made = ssl.create_default_context(cafile=settings.mqtt_ca_file)
        if settings.mqtt_cert_file and settings.mqtt_key_file:
            made.load_cert_chain(settings.mqtt_cert_file, settings.mqtt_key_file)
    except OSError as error:
        raise CannotRun(f"MQTT_CA_FILE, MQTT_CERT_FILE or MQTT_KEY_FILE can't be used: {error}") from error
    if settings.mqtt_port == _AWS_TLS_PORT:
        # AWS IoT tells MQTT from HTTPS on this port by the protocol named here.
        made.set_alpn_protocols([_AWS_ALPN])
    return made
