"""Kafka as Faust is told of it: addresses, credentials, and the settings that make acknowledgements mean something."""

import asyncio
import ssl
from typing import Any

import faust
from aiokafka.abc import AbstractTokenProvider
from faust.auth import OAuthCredentials

from stream_processor.settings import ProcessorSettings

# A killed worker's partitions are at work in another within ten seconds: the session, a heartbeat until the others
# know, the state read back. Kafka allows no shorter session by default.
_SESSION_TIMEOUT_S = 6.0
_HEARTBEAT_S = 1.0
_COMMIT_INTERVAL_S = 1.0
# Compressed, of one partition.
_FETCH_BYTES = 1024 * 1024
# A broker may be away this long before the worker gives up and is started anew.
PATIENCE_S = 60.0


def faust_settings(settings: ProcessorSettings) -> dict[str, Any]:
    """The part of Faust's settings that is about Kafka."""
    return {
        "broker": [f"batch://{address}" for address in settings.kafka_bootstrap.split(",")],
        "broker_credentials": credentials(settings),
        "broker_session_timeout": _SESSION_TIMEOUT_S,
        "broker_heartbeat_interval": _HEARTBEAT_S,
        "broker_commit_interval": _COMMIT_INTERVAL_S,
        "consumer_max_fetch_size": _FETCH_BYTES,
        "consumer_group_instance_id": settings.group_instance_id,
        "consumer_auto_offset_reset": "earliest",
        "key_serializer": "raw",
        "value_serializer": "raw",
        "producer_request_timeout": PATIENCE_S,
        # The leader topic serves timers that only one worker may run; there are none here.
        "topic_disable_leader": True,
        "stream_recovery_delay": 0,
    }


class _Signed(AbstractTokenProvider):  # type: ignore[misc]  # aiokafka has no types
    """A new token for each connection, as aiokafka asks."""

    def __init__(self, region: str) -> None:
        self._region = region

    async def token(self) -> str:
        # boto3 is large, and only those on MSK have a use for it here.
        from wardstream.runtime.msk_iam import signed  # noqa: PLC0415

        # Signing may ask AWS for fresh credentials over HTTP.
        made, _ends_s = await asyncio.to_thread(signed, self._region)
        return made


def credentials(
    settings: ProcessorSettings,
) -> faust.SASLCredentials | faust.SSLCredentials | OAuthCredentials | None:
    """How Faust proves who it is, and which brokers it trusts."""
    context = None
    if settings.kafka_security_protocol.endswith("SSL"):
        context = ssl.create_default_context(cafile=settings.kafka_ca_file)
    if settings.signs_with_aws:
        return OAuthCredentials(oauth_cb=_Signed(settings.kafka_aws_region or ""), ssl_context=context)
    if settings.kafka_username and settings.kafka_password:
        return faust.SASLCredentials(
            username=settings.kafka_username,
            password=settings.kafka_password.get_secret_value(),
            mechanism=settings.kafka_sasl_mechanism,
            ssl_context=context,
        )
    return faust.SSLCredentials(context=context) if context else None
