"""The real servers for every test that needs them, and a run that leaves nothing behind."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

from tests import aws_keys, containers
from wardstream.local.addresses import Addresses
from wardstream.local.servers import start_servers
from wardstream.local.services import provision

# local, containers, or auto: containers where Docker can, local processes elsewhere.
SERVERS_VARIABLE = "WARDSTREAM_TEST_SERVERS"
# `make check` uses the second: fewer examples of each property, so that it stays under a minute. No deadlines: a busy
# machine is no defect.
settings.register_profile("full", deadline=None)
settings.register_profile("check", max_examples=15, deadline=None)
settings.load_profile("full")
_BASE = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Temporary folders go with the run, and being asked to end is as orderly as Ctrl-C."""
    if config.option.basetemp is None:
        config.stash[_BASE] = Path(tempfile.mkdtemp(prefix="wardstream-test-"))
        # Else pytest keeps the folders of the last three runs.
        config.option.basetemp = str(config.stash[_BASE] / "pytest")
    # What tests do is no deed with people's data.
    os.environ["AUDIT_FOLDER"] = str(Path(config.option.basetemp) / "audit")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # A shell that starts a run in the background has it ignore Ctrl-C, and so would all that tests start and interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_unconfigure(config: pytest.Config) -> None:
    """See `pytest_configure`."""
    base = config.stash.get(_BASE, None)
    if base is not None:
        shutil.rmtree(base, ignore_errors=True)


def pytest_report_header() -> str:
    """Which servers this run uses."""
    return f"servers: {os.environ.get(SERVERS_VARIABLE, 'auto')} ({SERVERS_VARIABLE}=local|containers|auto)"


@pytest.fixture(scope="session")
def servers() -> Iterator[Addresses]:
    """The four servers, provisioned; one set for the whole run, so tests keep apart by ids, groups and buckets.

    AWS' credentials for them are in the environment meanwhile, since boto3 looks there.
    """
    with (
        tempfile.TemporaryDirectory(prefix="wardstream-servers-") as folder,
        _started(os.environ.get(SERVERS_VARIABLE, "auto"), Path(folder)) as addresses,
        pytest.MonkeyPatch.context() as variables,
    ):
        provision(addresses, Path(folder))
        aws_keys.lend(variables, addresses)
        yield addresses


@contextmanager
def _started(kind: str, folder: Path) -> Iterator[Addresses]:
    if kind not in ("local", "containers", "auto"):
        raise pytest.UsageError(f"{SERVERS_VARIABLE} is local, containers or auto")
    if kind == "containers" or (kind == "auto" and containers.why_not() is None):
        with containers.start_containers() as addresses:
            yield addresses
    else:
        with start_servers(folder) as addresses:
            yield addresses
