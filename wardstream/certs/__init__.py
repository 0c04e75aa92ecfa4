"""A small certificate authority for local use: who devices, services and the MQTT broker are."""
