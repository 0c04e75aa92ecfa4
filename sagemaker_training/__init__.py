"""Learns what is usual for each person from the lake, judges it, and publishes what is better. Also a SageMaker container."""
