CREATE OR REPLACE VIEW alarms AS
SELECT "alarm_id", "revision", "user_id", "device_id", "kind", "vital", "direction", "priority", "state", "raised_at", "measured_at", "sentence", "explanation", "partition", "offset", "date"
FROM (
    SELECT *, row_number() OVER (
        PARTITION BY alarm_id, revision, user_id, "date" ORDER BY "partition", "offset"
    ) AS nth
    FROM alarms_files
) numbered
WHERE nth = 1
