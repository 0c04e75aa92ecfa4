CREATE EXTERNAL TABLE IF NOT EXISTS `${database}`.`wearers` (
  `device_id` string,
  `user_id` string
)
PARTITIONED BY (`date` date)
STORED AS PARQUET
LOCATION 's3://${bucket}/wearers/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.date.type' = 'date',
  'projection.date.format' = 'yyyy-MM-dd',
  'projection.date.range' = '2000-01-01,NOW+3DAYS',
  'storage.location.template' = 's3://${bucket}/wearers/date=${date}/',
  'read_restored_glacier_objects' = 'true'
)
