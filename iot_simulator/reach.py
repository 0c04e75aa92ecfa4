"""How a run's options reach the broker: certificates read, credentials found, at the edge and once."""

import ssl
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import botocore.session
import msgspec
from botocore.credentials import Credentials as BotocoreCredentials
from botocore.exceptions import BotoCoreError

from iot_simulator import link, sigv4
from iot_simulator.link import Link
from iot_simulator.options import FleetOptions, SingleOptions
from wardstream.runtime.failure import CannotRun

# What Mosquitto and AWS listen on.
_WEBSOCKET_PATH = "/mqtt"


def of_fleet(options: FleetOptions) -> Link:
    """Plain TCP, or TLS when a certificate or an authority is given."""
    context = _context(options, options.port, websocket=False) if options.ca or options.cert else None
    return Link(host=options.host, port=options.port, context=context)


def each_with_its_own(shared: Link, options: FleetOptions, client_ids: Sequence[str]) -> list[Link]:
    """One link a client id: with its own certificate where there is a folder of them, else the shared one.

    `CannotRun` names how many have none.
    """
    if options.certs is None:
        return [shared] * len(client_ids)
    own = [(options.certs / f"{name}.crt", options.certs / f"{name}.key") for name in client_ids]
    if missing := [pair[0].name for pair in own if not all(file.is_file() for file in pair)]:
        raise CannotRun(
            f"{len(missing)} of {len(own)} connections have no certificate in {options.certs} ({missing[0]}): "
            "issue them with `wardstream certs issue`"
        )
    return [_identified(shared, options, pair) for pair in own]


def _identified(shared: Link, options: FleetOptions, pair: tuple[Path, Path]) -> Link:
    try:
        context = link.tls(options.ca, *pair, options.port, websocket=False)
    except (OSError, ssl.SSLError) as error:
        raise CannotRun(f"{pair[0]} can't be used ({type(error).__name__})") from error
    return msgspec.structs.replace(shared, context=context)


def of_single(options: SingleOptions) -> Link:
    """TLS with X.509, or a WebSocket over TLS, which for AWS is signed. `CannotRun` without credentials to sign with."""
    path: Callable[[], str] | None = None
    if options.is_signed:
        path = _signer(options.endpoint)
    elif options.websocket:
        path = _plain_path
    context = _context(options, options.port, websocket=options.websocket)
    return Link(host=options.endpoint, port=options.port, context=context, websocket_path=path)


def _context(options: FleetOptions | SingleOptions, port: int, *, websocket: bool) -> ssl.SSLContext:
    try:
        return link.tls(options.ca, options.cert, options.key, port, websocket=websocket)
    except (OSError, ssl.SSLError) as error:
        raise CannotRun(
            f"the certificates can't be used ({type(error).__name__}): check --ca, --cert and --key"
        ) from error


def _plain_path() -> str:
    return _WEBSOCKET_PATH


def _signer(host: str) -> Callable[[], str]:
    """Signs anew at each call: signatures and temporary credentials expire."""
    session = botocore.session.get_session()
    region = sigv4.region_of(host) or session.get_config_variable("region")
    credentials = session.get_credentials()
    if region is None:
        raise CannotRun("no region to sign for: set AWS_REGION")
    if credentials is None:
        raise CannotRun(
            "no AWS credentials to sign the WebSocket with: set a profile, a role or AWS_ACCESS_KEY_ID"
        )
    return lambda: sigv4.presigned_path(host, region, _frozen(credentials), datetime.now(UTC))


def _frozen(credentials: BotocoreCredentials) -> sigv4.Credentials:
    try:
        now = credentials.get_frozen_credentials()
    except BotoCoreError as error:
        # They may be back at the next dial: like a broker that doesn't answer.
        raise ConnectionError("no fresh AWS credentials") from error
    if now.access_key is None or now.secret_key is None:
        raise ConnectionError("no AWS credentials")
    return sigv4.Credentials(now.access_key, now.secret_key, now.token)
