"""The oracle: what was said to be published, against what Kafka, DynamoDB and the lake really hold."""
