CREATE EXTERNAL TABLE IF NOT EXISTS `${database}`.`anomalies_files` (
  `anomaly_id` string,
  `reading_id` string,
  `device_id` string,
  `user_id` string,
  `measured_at` timestamp,
  `received_at` timestamp,
  `vital` string,
  `value` double,
  `direction` string,
  `rule` string,
  `limit` double,
  `partition` int,
  `offset` bigint
)
PARTITIONED BY (`date` date)
STORED AS PARQUET
LOCATION 's3://${bucket}/anomalies/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.date.type' = 'date',
  'projection.date.format' = 'yyyy-MM-dd',
  'projection.date.range' = '2000-01-01,NOW+3DAYS',
  'storage.location.template' = 's3://${bucket}/anomalies/date=${date}/',
  'read_restored_glacier_objects' = 'true'
)
