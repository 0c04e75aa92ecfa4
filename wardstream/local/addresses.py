"""Where the servers are, and the variables by which every service finds them."""

import msgspec


class Addresses(msgspec.Struct, frozen=True, kw_only=True):
    """The four servers, as a client on this machine reaches them. Endpoints are URLs; `kafka_bootstrap` is host:port."""

    kafka_bootstrap: str
    mqtt_host: str
    mqtt_port: int
    s3_endpoint: str
    dynamodb_endpoint: str
    # Local servers know one identity, reachable from loopback only: no secret.
    access_key: str = "wardstream"
    secret_key: str = "wardstream-local"  # noqa: S105 -- see above
    region: str = "eu-central-1"

    def environment(self) -> dict[str, str]:
        """The settings that point a service at these servers."""
        return {
            "KAFKA_BOOTSTRAP": self.kafka_bootstrap,
            "MQTT_HOST": self.mqtt_host,
            "MQTT_PORT": str(self.mqtt_port),
            "AWS_ENDPOINT_URL_S3": self.s3_endpoint,
            "AWS_ENDPOINT_URL_DYNAMODB": self.dynamodb_endpoint,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_REGION": self.region,
        }
