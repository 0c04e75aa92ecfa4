"""Many simulated or recorded devices in one process, speaking MQTT as real ones do, with the truth written beside."""
