"""A Kafka with TLS, SCRAM and rules as docker-compose.secure.yml has it, provisioned by its plain listener on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from wardstream.certs import shares
from wardstream.certs.folder import Certificates
from wardstream.contracts.access import SERVICES
from wardstream.local import identity, kafka
from wardstream.local.children import Child, stop_all
from wardstream.local.ports import LOOPBACK, accepts, free_ports
from wardstream.local.servers import prepare
from wardstream.provision import access, topics
from wardstream.provision.settings import ProvisionSettings
from wardstream.runtime.kafka import KafkaSettings

_LISTENER = """
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.inside.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
"""


class SecuredKafka:
    """Its two listeners, and who is let in by them."""

    def __init__(self, within: str, inside: str, given: Path) -> None:
        self._inside, self._given = inside, given
        self.administrator = ProvisionSettings(kafka_bootstrap=within, kafka_users_folder=given / "users")

    def settings(self, user: str, password: str | None = None) -> KafkaSettings:
        """As a service has them; `password` in place of its own."""
        known = self._given / "users" / user
        return KafkaSettings(
            kafka_bootstrap=self._inside,
            kafka_security_protocol="SASL_SSL",
            kafka_username=user,
            kafka_password=SecretStr(password or known.read_text()),
            kafka_ca_file=str(self._given / "operator" / "ca.crt"),
        )


@contextmanager
def secured_kafka(folder: Path) -> Iterator[SecuredKafka]:
    """Running, with every topic, user and rule."""
    port, controller, inside = free_ports(3)
    given = _handed_out(folder)
    server = kafka.server(folder / "kafka", folder / "logs", port, controller)
    file = folder / "kafka" / "server.properties"
    file.write_text(_with_listener(file.read_text(), inside, given / "kafka" / "keystore.pem"))
    prepare(server)
    broker = Child(server.command)
    try:
        broker.wait_until(lambda: server.answers() and accepts(inside), server.timeout_s)
        made = SecuredKafka(f"{LOOPBACK}:{port}", f"{LOOPBACK}:{inside}", given)
        topics.make(made.administrator)
        access.make(made.administrator)
        yield made
    finally:
        stop_all([broker])


def _handed_out(folder: Path) -> Path:
    names = shares.Names(
        services=identity.SERVICES,
        replica=identity.REPLICA,
        monitor=identity.MONITOR,
        kafka=identity.KAFKA,
        users=tuple(SERVICES),
    )
    certs = identity.prepared(folder / "certs")
    shares.hand_out(Certificates(certs), folder / "shares", names)
    return folder / "shares"


def _with_listener(settings: str, port: int, keystore: Path) -> str:
    also = {
        "listeners=": f"INSIDE://{LOOPBACK}:{port}",
        "advertised.listeners=": f"INSIDE://{LOOPBACK}:{port}",
        "listener.security.protocol.map=": "INSIDE:SASL_SSL",
    }
    lines = settings.splitlines()
    more = [
        line + "".join(f",{text}" for name, text in also.items() if line.startswith(name)) for line in lines
    ]
    return "\n".join(more) + _LISTENER.format(keystore=keystore)
