"""Bytes that nobody meant, a million of them, at `wire` and at the bridge's translation."""
