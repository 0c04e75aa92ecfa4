"""Where the servers are, and the variables by which every service finds them."""

import msgspec


class Addresses(msgspec.Struct, frozen=True, kw_only=True):
    """The four servers, as a client on this machine reaches them. Endpoints are URLs; `kafka_bootstrap` is host:port."""

    kafka_bootstrap: str
    mqtt_host: str
    mqtt_port: int
    s3_endpoint: str
    dynamodb_endpoint: str
    # With mutual TLS: `mqtt_port` is the devices' listener then, and `certs` the folder of `wardstream certs`.
    mqtt_services_port: int = 0
    mqtt_websocket_port: int = 0
    certs: str = ""
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
        } | self._identity()

    def _identity(self) -> dict[str, str]:
        if not self.certs:
            return {}
        # A device shows its own certificate, from that folder.
        return {
            "MQTT_CA_FILE": f"{self.certs}/services/ca.crt",
            "MQTT_CERTS_FOLDER": f"{self.certs}/device",
        }

    def of_service(self, name: str, replica: str) -> dict[str, str]:
        """What makes a service one of the broker's known services, where it knows any; beside `environment`."""
        if not self.certs:
            return {}
        own = f"{self.certs}/service/{name}-{replica}"
        return {
            "MQTT_PORT": str(self.mqtt_services_port),
            "MQTT_CERT_FILE": f"{own}.crt",
            "MQTT_KEY_FILE": f"{own}.key",
        }
