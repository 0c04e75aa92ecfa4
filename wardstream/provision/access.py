"""Kafka's users and rules, from `contracts.access`: each service by its own name and password, allowed its own work."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # public, says the client's manual
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from wardstream.contracts.access import SERVICES, Access
from wardstream.provision.settings import ProvisionSettings
from wardstream.runtime.failure import CannotRun
from wardstream.runtime.kafka import client_config

_TIMEOUT_S = 30.0
# What Kafka itself takes at the least; more costs every connection time, and these passwords are random.
_ITERATIONS = 4096
_LITERAL, _PREFIXED = ResourcePatternType.LITERAL, ResourcePatternType.PREFIXED


def make(settings: ProvisionSettings) -> list[str]:
    """Sets every user's password and rules as they shall be, if `kafka_users_folder` is given; the users' names.

    A rule that is there already is no fault. `CannotRun` if a password is missing or Kafka refuses.
    """
    if settings.kafka_users_folder is None:
        return []
    passwords = {name: _password(settings.kafka_users_folder, name) for name in SERVICES}
    admin = AdminClient(client_config(settings))
    try:
        _done(admin.alter_user_scram_credentials([_credential(*each) for each in passwords.items()]))
        _done(admin.create_acls([rule for name, may in SERVICES.items() for rule in rules(name, may)]))
    except KafkaException as error:
        raise CannotRun(f"Kafka will not take users and rules: {error.args[0].str()}") from error
    return list(passwords)


def rules(user: str, may: Access) -> list[AclBinding]:
    """The rules of one user, as Kafka has them. Reading and writing allow describing; writing allows idempotence."""
    return [
        AclBinding(kind, name, pattern, f"User:{user}", "*", operation, AclPermissionType.ALLOW)
        for kind, name, pattern, operation in _meant(may)
    ]


def _meant(may: Access) -> Iterator[tuple[ResourceType, str, ResourcePatternType, AclOperation]]:
    for name in may.reads:
        yield ResourceType.TOPIC, name, _LITERAL, AclOperation.READ
    for name in may.writes:
        yield ResourceType.TOPIC, name, _LITERAL, AclOperation.WRITE
    for name in may.makes:
        yield ResourceType.TOPIC, name, _LITERAL, AclOperation.CREATE
        # It looks whether the topic is compacted.
        yield ResourceType.TOPIC, name, _LITERAL, AclOperation.DESCRIBE_CONFIGS
    for name in may.groups:
        yield ResourceType.GROUP, name, _LITERAL, AclOperation.READ
    for beginning in may.transactions:
        yield ResourceType.TRANSACTIONAL_ID, beginning, _PREFIXED, AclOperation.WRITE


def _password(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes().strip()
    except OSError as error:
        raise CannotRun(f"no password for Kafka's user {name} in {folder}: {error.strerror}") from None


def _credential(name: str, password: bytes) -> UserScramCredentialUpsertion:
    return UserScramCredentialUpsertion(
        name, ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, _ITERATIONS), password
    )


def _done(futures: dict[Any, Any]) -> None:
    for each in futures.values():
        each.result(_TIMEOUT_S)
