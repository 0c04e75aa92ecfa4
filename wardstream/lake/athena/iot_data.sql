CREATE OR REPLACE VIEW iot_data AS
WITH shared AS (
    SELECT w."date", w.device_id, w.user_id
    FROM wearers w
    JOIN (
        SELECT "date", device_id FROM wearers GROUP BY "date", device_id HAVING count(DISTINCT user_id) > 1
    ) several ON several."date" = w."date" AND several.device_id = w.device_id
    GROUP BY w."date", w.device_id, w.user_id
),
elsewhere AS (
    SELECT DISTINCT reading_id, user_id, "date"
    FROM (
        SELECT r.reading_id, r.user_id, r."date", first_value(r.user_id) OVER (
            PARTITION BY r.reading_id, r."date"
            ORDER BY r.received_at, r."partition", r."offset", r.user_id
        ) AS first_user
        FROM readings r
        JOIN shared s ON s.user_id = r.user_id AND s.device_id = r.device_id AND s."date" = r."date"
        
    ) told
    WHERE user_id <> first_user
),
numbered AS (
    SELECT *, row_number() OVER (
        PARTITION BY reading_id, device_id, user_id, "date" ORDER BY received_at, "partition", "offset"
    ) AS nth
    FROM readings
)
SELECT
    n.device_id,
    n.measured_at AS "timestamp",
    n.heart_rate_bpm AS heart_rate,
    CASE WHEN n.systolic_mmhg IS NOT NULL AND n.diastolic_mmhg IS NOT NULL
         THEN regexp_replace(format('%s/%s', n.systolic_mmhg, n.diastolic_mmhg), '\.0(?=/|$)', '') END AS blood_pressure,
    n.temperature_c AS temperature,
    CASE WHEN NOT contains(n.artefacts, 'spo2_pct') THEN n.spo2_pct END AS spo2,
    n.respiratory_rate_bpm AS respiratory_rate,
    n.systolic_mmhg AS systolic,
    n.diastolic_mmhg AS diastolic,
    n.steps_per_min,
    n.battery_pct,
    n.on_body,
    n.gcs,
    n.user_id,
    n.reading_id,
    n.received_at,
    n.boot,
    n.sequence,
    n."date"
FROM numbered n
LEFT JOIN elsewhere e
    ON e.reading_id = n.reading_id AND e.user_id = n.user_id AND e."date" = n."date"
WHERE n.nth = 1 AND e.reading_id IS NULL
