"""How a process behaves: settings, logs, metrics, health, shutdown, Kafka. Knows nothing of vital signs."""
