"""MQTT to Kafka: every message becomes a reading or a refusal with its reason, and MQTT is told so only after Kafka has it."""
