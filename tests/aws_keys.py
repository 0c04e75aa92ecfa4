"""AWS' credentials in tests: one pair for every server, real or played.

boto3 keeps those it finds first for as long as the process lives, so a server that would take any must be given these too.
"""

import pytest

from wardstream.local.addresses import Addresses

_ANY = Addresses(kafka_bootstrap="", mqtt_host="", mqtt_port=0, s3_endpoint="", dynamodb_endpoint="")


def lend(variables: pytest.MonkeyPatch, servers: Addresses = _ANY) -> None:
    """Puts them into the environment, where boto3 looks, for as long as `variables` does."""
    variables.setenv("AWS_ACCESS_KEY_ID", servers.access_key)
    variables.setenv("AWS_SECRET_ACCESS_KEY", servers.secret_key)
