"""A Kafka with TLS, SCRAM and rules as docker-compose.secure.yml has it, provisioned by its plain listener on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from tests.kafka_listeners import Listener, running
from wardstream.local import identity
from wardstream.local.ports import LOOPBACK, free_ports
from wardstream.provision import access, topics
from wardstream.provision.settings import ProvisionSettings
from wardstream.runtime.kafka import KafkaSettings

_RULES = """\
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
    given = folder / "shares"
    identity.hand_out(folder / "certs", given)
    (inside,) = free_ports(1)
    rules = _RULES.format(keystore=given / "kafka" / "keystore.pem")
    with running(folder, Listener("INSIDE", "SASL_SSL", inside), rules) as within:
        made = SecuredKafka(within, f"{LOOPBACK}:{inside}", given)
        topics.make(made.administrator)
        access.make(made.administrator)
        yield made
