CREATE OR REPLACE VIEW anomalies AS
SELECT "anomaly_id", "reading_id", "device_id", "user_id", "measured_at", "received_at", "vital", "value", "direction", "rule", "limit", "partition", "offset", "date"
FROM (
    SELECT *, row_number() OVER (
        PARTITION BY anomaly_id, user_id, "date" ORDER BY "partition", "offset"
    ) AS nth
    FROM anomalies_files
) numbered
WHERE nth = 1
