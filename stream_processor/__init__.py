"""Scores every reading of `readings` against that person's own state; says `anomalies` and `alarms`."""
