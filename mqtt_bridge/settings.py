"""What the bridge needs to know: where messages come from, what to listen to, and where Kafka is."""

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from wardstream.runtime.kafka import KafkaSettings

_TLS_PORTS = frozenset({443, 8883})


class BridgeSettings(KafkaSettings):
    """MQTT 3.1.1 over TCP or TLS. TLS is spoken on ports 443 and 8883, and wherever a certificate file is set.

    A persistent session keeps what it subscribed to: a filter taken out of MQTT_TOPIC_FILTERS stays in the sessions
    until they are deleted at the MQTT broker, or MQTT_CLIENT_PREFIX names new ones.
    """

    source: Literal["mqtt", "kafka"] = Field(
        "mqtt", description="mqtt, or kafka: the topic device-raw as AWS IoT Core's rule fills it"
    )
    mqtt_host: str = Field(
        "",
        validate_default=True,
        description="the MQTT broker's host, or the AWS IoT endpoint; not needed where SOURCE is kafka",
    )
    mqtt_port: int = Field(1883, ge=1, le=65535, description="1883 plain, 8883 TLS, 443 TLS to AWS IoT")
    mqtt_ca_file: Path | None = Field(None, description="certificate of who vouches for the broker, PEM")
    mqtt_cert_file: Path | None = Field(None, description="our certificate, PEM")
    mqtt_key_file: Path | None = Field(None, description="our private key, PEM")
    mqtt_topic_filters: str = Field(
        "iot/device/+,iot/gateway/+/+",
        description="comma separated; the last level is the device, for example iot/device/+",
    )
    mqtt_client_prefix: str = Field(
        "wardstream-bridge",
        pattern=r"^[A-Za-z0-9_.\-]{1,64}$",
        description="sessions are called <prefix>-<slot>; the same in all replicas",
    )

    @property
    def filters(self) -> tuple[str, ...]:
        """The topic filters, in the order given."""
        return tuple(part.strip() for part in self.mqtt_topic_filters.split(","))

    @property
    def speaks_tls(self) -> bool:
        """Whether the connection to the MQTT broker is encrypted."""
        return self.mqtt_port in _TLS_PORTS or bool(self.mqtt_ca_file or self.mqtt_cert_file)

    @field_validator("mqtt_host")
    @classmethod
    def _mqtt_needs_a_host(cls, value: str, given: ValidationInfo) -> str:
        if not value and given.data.get("source") == "mqtt":
            raise ValueError("is not set")
        return value

    @field_validator("mqtt_topic_filters")
    @classmethod
    def _every_filter_ends_in_the_device(cls, value: str) -> str:
        for part in value.split(","):
            levels = part.strip().split("/")
            wild = any("#" in level or ("+" in level and level != "+") for level in levels)
            if wild or levels[-1] != "+" or levels[0].startswith("$"):
                raise ValueError("each filter must end in /+ (the device) and hold neither # nor $share")
        return value

    @field_validator("mqtt_ca_file", "mqtt_cert_file", "mqtt_key_file")
    @classmethod
    def _files_exist(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError("there is no such file")
        return value

    @model_validator(mode="after")
    def _certificate_and_key_go_together(self) -> "BridgeSettings":
        if (self.mqtt_cert_file is None) != (self.mqtt_key_file is None):
            raise ValueError("MQTT_CERT_FILE and MQTT_KEY_FILE belong together: set both or neither")
        return self
