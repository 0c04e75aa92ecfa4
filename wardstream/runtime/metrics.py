"""Every metric, with its meaning. Labels are few and bounded: never a person, device, value or payload."""

from prometheus_client import Counter, Gauge, Histogram

_LATENCY_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

BRIDGE_RECEIVED = Counter("wardstream_bridge_received", "Messages received from the source, resends included")
BRIDGE_CARRIED = Counter(
    "wardstream_bridge_carried", "Messages that Kafka has on all in-sync replicas and the source was told so"
)
BRIDGE_REJECTED = Counter("wardstream_bridge_rejected", "Messages set aside in readings.rejected", ["reason"])
BRIDGE_REGISTRY_MALFORMED = Counter(
    "wardstream_bridge_registry_malformed",
    "Rows of devices skipped because they could not be used",
    ["reason"],
)
BRIDGE_IN_FLIGHT = Gauge("wardstream_bridge_in_flight", "Messages handed to Kafka and not yet confirmed")
BRIDGE_IN_FLIGHT_BYTES = Gauge("wardstream_bridge_in_flight_bytes", "Their size, bytes")
BRIDGE_SLOTS = Gauge("wardstream_bridge_slots", "MQTT sessions this replica holds now")
BRIDGE_LAG = Gauge(
    "wardstream_bridge_lag",
    "Records of device-raw in Kafka and not yet taken, of each partition held; only where the source is Kafka",
    ["partition"],
)
BRIDGE_DELIVERY_S = Histogram(
    "wardstream_bridge_delivery_seconds",
    "From a message's arrival here to Kafka's confirmation; of each batch acknowledged together, its first",
    buckets=_LATENCY_S,
)

ACKER_TAKEN = Counter(
    "wardstream_acker_taken", "Records of readings and readings.rejected looked at for their number"
)
ACKER_SAID = Counter(
    "wardstream_acker_said",
    "Application acknowledgements handed to MQTT or to AWS IoT, at most one in ACK_INTERVAL_S and device",
)
ACKER_DUE = Gauge("wardstream_acker_due", "Devices that are to be told something")
ACKER_DEVICES = Gauge("wardstream_acker_devices", "Devices whose numbers this replica knows; 0 in a standby")
ACKER_ACTIVE = Gauge("wardstream_acker_active", "1 in the replica that acknowledges, 0 in a standby")

PROCESSOR_SCORED = Counter("wardstream_processor_scored", "Readings scored, each reading_id once")
PROCESSOR_REPEATED = Counter(
    "wardstream_processor_repeated", "Readings skipped because their reading_id was scored before"
)
PROCESSOR_MALFORMED = Counter(
    "wardstream_processor_malformed", "Records of readings that could not be decoded", ["reason"]
)
PROCESSOR_ANOMALIES = Counter("wardstream_processor_anomalies", "Anomalies flagged", ["rule"])
PROCESSOR_ALARMS = Counter("wardstream_processor_alarms", "Alarm steps", ["kind", "priority", "state"])
PROCESSOR_MODELS = Counter(
    "wardstream_processor_models", "Personal models taken from user-models, tombstones included"
)
PROCESSOR_LIMITS = Counter(
    "wardstream_processor_limits", "Personal limits taken from alarm-actions, tombstones included"
)
PROCESSOR_ACTIONS = Counter(
    "wardstream_processor_actions",
    "Acknowledgements, snoozes and windows read: done, repeated, overtaken by a newer one, or of an alarm that isn't active",
    ["action", "result"],
)
PROCESSOR_REFUSED = Counter(
    "wardstream_processor_refused",
    "Records of user-models and alarm-actions passed over because they could not be used",
    ["topic", "reason"],
)
PROCESSOR_FORGOTTEN = Counter(
    "wardstream_processor_forgotten", "People forgotten because an action said so, repetitions included"
)

PROCESSOR_MISSING = Counter(
    "wardstream_processor_missing_offsets",
    "Offsets that Kafka no longer had when they were to be read: retention shorter than the processor was away",
)
PROCESSOR_FENCED = Counter(
    "wardstream_processor_fenced", "Checkpoints refused because another worker had taken the partition over"
)
PROCESSOR_LAG = Gauge(
    "wardstream_processor_lag",
    "Records of readings in Kafka and not yet taken, of each partition held",
    ["partition"],
)
PROCESSOR_BATCH = Histogram(
    "wardstream_processor_batch_records",
    "Records of readings taken at once",
    buckets=(1, 10, 50, 100, 500, 1000, 2500, 5000, 10_000),
)
PROCESSOR_CHECKPOINT_S = Histogram(
    "wardstream_processor_checkpoint_seconds",
    "Writing one partition's states and outputs in one transaction",
    buckets=_LATENCY_S,
)
PROCESSOR_CHECKPOINT_ROWS = Counter(
    "wardstream_processor_checkpoint_rows", "States written to the state topic"
)
PROCESSOR_RESTORE_S = Gauge(
    "wardstream_processor_restore_seconds", "How long reading the state back took, lately"
)
PROCESSOR_PEOPLE = Gauge("wardstream_processor_people", "People whose state this worker holds")
PROCESSOR_BUFFERED_BYTES = Gauge(
    "wardstream_processor_buffered_bytes", "Records fetched and not yet taken, bytes"
)
PROCESSOR_IDLE_S = Gauge(
    "wardstream_processor_seconds_since_last_reading",
    "Since a reading was last taken; grows from the start if none was",
)

SINK_ROWS = Counter("wardstream_sink_rows", "Rows written to the lake", ["table"])
SINK_FILES = Counter("wardstream_sink_files", "Parquet files written to the lake", ["table"])
SINK_BYTES = Counter("wardstream_sink_bytes", "Bytes of Parquet written to the lake", ["table"])
SINK_MALFORMED = Counter(
    "wardstream_sink_malformed", "Records set aside because they could not be decoded", ["reason"]
)
SINK_BUFFERED = Gauge("wardstream_sink_buffered_rows", "Rows held in memory, not yet in the lake")
SINK_FLUSH_S = Histogram(
    "wardstream_sink_flush_seconds", "From the cut of a batch to its offsets' commit", buckets=_LATENCY_S
)
COMPACT_ROWS = Counter("wardstream_compact_rows", "Rows written by merging", ["table"])
COMPACT_MERGED = Counter("wardstream_compact_merged_files", "Files put together into larger ones", ["table"])
COMPACT_REMOVED = Counter("wardstream_compact_removed_files", "Merged files removed after their grace")
COMPACT_WITHDRAWN = Counter(
    "wardstream_compact_withdrawn", "Merges given up because a file was rewritten meanwhile"
)

STORE_WRITTEN = Counter("wardstream_store_written", "Items written to DynamoDB", ["table"])
STORE_REPEATED = Counter(
    "wardstream_store_repeated", "Items that DynamoDB already had, or had newer", ["table"]
)
STORE_THROTTLED = Counter("wardstream_store_throttled", "Writes that DynamoDB asked to repeat later")
STORE_MALFORMED = Counter("wardstream_store_malformed", "Records that could not be decoded", ["reason"])

MODELS_PUBLISHED = Counter("wardstream_models_published", "People whose model in force was told to Kafka")
MODELS_JUDGED = Counter("wardstream_models_judged", "Models fitted and judged", ["reason"])
TRAINING_READINGS = Counter("wardstream_training_readings", "Readings of the lake that training has read")
TRAINING_S = Gauge("wardstream_training_seconds", "How long the last training took")

DEVICES_PUBLISHED = Counter("wardstream_simulator_published", "Messages handed to MQTT")
DEVICES_ACKNOWLEDGED = Counter(
    "wardstream_simulator_acknowledged", "Messages the broker acknowledged (PUBACK)"
)
DEVICES_QUEUED = Gauge("wardstream_simulator_queued", "Messages waiting for a connection")
