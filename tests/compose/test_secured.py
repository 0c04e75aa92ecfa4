"""The pipeline with docker-compose.secure.yml over it: every service is let in, may do its work, and the report holds."""

import pytest

from tests.compose.project import project

pytestmark = [pytest.mark.compose, pytest.mark.timeout(1800)]

_READINGS = 75
_WITHIN_S = 300.0


def test_with_kafka_secured_the_report_holds_as_well() -> None:
    with project("docker-compose.secure.yml", DEVICES="5", EPISODES="60", FLUSH_INTERVAL_S="2") as made:
        made.build()
        made.up()

        figures = made.figures(_READINGS, _WITHIN_S)

    assert (figures.lost, figures.duplicates) == (0, 0)
    assert figures.scored > 0
    assert figures.alarm_rows == figures.alarms_raised
