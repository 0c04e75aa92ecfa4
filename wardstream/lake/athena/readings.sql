CREATE EXTERNAL TABLE IF NOT EXISTS `${database}`.`readings` (
  `reading_id` string,
  `device_id` string,
  `user_id` string,
  `measured_at` timestamp,
  `received_at` timestamp,
  `boot` bigint,
  `sequence` bigint,
  `heart_rate_bpm` double,
  `spo2_pct` double,
  `temperature_c` double,
  `systolic_mmhg` double,
  `diastolic_mmhg` double,
  `respiratory_rate_bpm` double,
  `steps_per_min` double,
  `battery_pct` double,
  `on_body` boolean,
  `gcs` bigint,
  `artefacts` array<string>,
  `partition` int,
  `offset` bigint
)
PARTITIONED BY (`date` date)
STORED AS PARQUET
LOCATION 's3://${bucket}/readings/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.date.type' = 'date',
  'projection.date.format' = 'yyyy-MM-dd',
  'projection.date.range' = '2000-01-01,NOW+3DAYS',
  'storage.location.template' = 's3://${bucket}/readings/date=${date}/',
  'read_restored_glacier_objects' = 'true'
)
