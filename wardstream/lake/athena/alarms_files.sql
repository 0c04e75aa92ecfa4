CREATE EXTERNAL TABLE IF NOT EXISTS `${database}`.`alarms_files` (
  `alarm_id` string,
  `revision` bigint,
  `user_id` string,
  `device_id` string,
  `kind` string,
  `vital` string,
  `direction` string,
  `priority` string,
  `state` string,
  `raised_at` timestamp,
  `measured_at` timestamp,
  `sentence` string,
  `explanation` string,
  `partition` int,
  `offset` bigint
)
PARTITIONED BY (`date` date)
STORED AS PARQUET
LOCATION 's3://${bucket}/alarms/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.date.type' = 'date',
  'projection.date.format' = 'yyyy-MM-dd',
  'projection.date.range' = '2000-01-01,NOW+3DAYS',
  'storage.location.template' = 's3://${bucket}/alarms/date=${date}/',
  'read_restored_glacier_objects' = 'true'
)
