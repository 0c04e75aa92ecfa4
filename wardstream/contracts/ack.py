"""The application acknowledgement: what a device needn't keep any longer."""

import msgspec

from wardstream.contracts.reading import Count


class Ack(msgspec.Struct, frozen=True):
    """Every number of `boot` from 1 up to `seq` is in Kafka on all in-sync replicas, as a reading or as a refusal.

    The JSON on `cmd/device/{id}/ack`. It may come repeatedly, and after a newer one: the highest counts. Each boot has
    its own; numbers of a boot begin at 1.
    """

    boot: Count
    seq: Count
