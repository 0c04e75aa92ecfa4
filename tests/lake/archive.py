"""An S3 with cold storage: moto's server, whose restored copies come when a test says so."""

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from moto.moto_api import state_manager
from moto.server import ThreadedMotoServer

from parquet_sink import files
from tests import aws_keys
from tests.lake.rows import table
from wardstream.contracts.tables import READINGS_TABLE
from wardstream.lake import source
from wardstream.lake.objects import Bucket
from wardstream.lake.settings import LakeSettings
from wardstream.local.ports import LOOPBACK

_MODEL = "s3::keyrestore"


class Archive:
    """A lake's bucket there."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        # moto keeps what it holds for as long as the process lives.
        self.name = f"archive-{uuid.uuid4().hex[:8]}"
        self.settings = LakeSettings(lake_bucket=self.name, aws_endpoint_url_s3=endpoint, restore_poll_s=0.01)
        self.bucket: Bucket = source.bucket(self.settings)
        self.bucket.client.create_bucket(
            Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )

    def hold(self, name: str, rows: list[dict[str, object]], storage_class: str = "STANDARD") -> str:
        """Writes rows of one date; the object's key."""
        ((day, dated),) = files.by_date(table(rows))
        key = f"readings/date={day}/{name}.parquet"
        self.bucket.client.put_object(
            Bucket=self.name,
            Key=key,
            Body=files.encoded(READINGS_TABLE, dated),
            StorageClass=storage_class,  # type: ignore[arg-type]  # one of S3's
            Metadata={"last": "7"},
        )
        return key

    def restores_slowly(self, looks: int) -> None:
        """From now on a copy is there only after so many looks at the object."""
        state_manager.set_transition(_MODEL, {"progression": "manual", "times": looks})


@contextmanager
def archive() -> Iterator[Archive]:
    """The server and an empty bucket; copies are there at once until told otherwise."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address=LOOPBACK, port=0, verbose=False)
    server.start()
    state_manager.unset_transition(_MODEL)
    try:
        host, port = server.get_host_and_port()
        with pytest.MonkeyPatch.context() as variables:
            aws_keys.lend(variables)
            yield Archive(f"http://{host}:{port}")
    finally:
        state_manager.unset_transition(_MODEL)
        server.stop()
