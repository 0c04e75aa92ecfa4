"""Makes what the services expect to find: Kafka topics, the lake's bucket, DynamoDB tables. Idempotent."""
