"""Dashboards and alert rules speak of metrics that there are, and are whole; Prometheus' own tool agrees with the rules."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.compose.declared import ON_DEMAND, OURS, as_written
from tests.observe import provisioned
from tests.observe.named import declared, faults
from tests.observe.prometheus import MISSING
from tests.observe.provisioned import Dashboard, Rule

BOARDS = provisioned.dashboards()
RULES = provisioned.rules()
HEALTH_PORT = 8080


def test_there_is_a_board_for_the_fleet_the_pipeline_and_the_alarms() -> None:
    assert BOARDS.keys() == {"fleet", "pipeline", "alarms"}


@pytest.mark.parametrize(("place", "target"), provisioned.queries())
def test_every_query_names_metrics_and_labels_that_there_are(place: str, target: provisioned.Target) -> None:
    assert faults(target.expr, target.legend_format) == []


@pytest.mark.parametrize("rule", RULES, ids=[rule.alert for rule in RULES])
def test_every_rule_names_metrics_and_labels_that_there_are(rule: Rule) -> None:
    assert faults(rule.expr) == []


def test_a_wrong_name_would_be_found() -> None:
    assert faults("sum(rate(wardstream_sink_row_total[1m]))") == ["wardstream_sink_row_total"]
    assert faults('wardstream_sink_rows_total{reason="x"}') == ["label reason"]
    assert faults("sum by (patient) (wardstream_processor_alarms_total)", "{{name}}") == [
        "label name",
        "label patient",
    ]


def test_every_metric_is_on_some_board() -> None:
    shown = " ".join(target.expr for _, target in provisioned.queries())

    forgotten = [name for name in declared() if name not in shown and not name.endswith(("_sum", "_count"))]

    assert forgotten == []


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_a_boards_panels_are_whole_and_do_not_overlap(board: Dashboard) -> None:
    covered = [square for panel in board.panels for square in panel.grid_pos.squares()]

    assert len({panel.id for panel in board.panels}) == len(board.panels)
    assert len(set(covered)) == len(covered)
    assert max(x for x, _ in covered) < 24
    for panel in board.panels:
        assert panel.type in {"timeseries", "stat"}
        assert panel.datasource == provisioned.data_source()
        assert panel.title
        assert panel.description
        assert panel.field_config.defaults.unit
        assert len({target.ref_id for target in panel.targets}) == len(panel.targets) > 0


def test_boards_have_uids_of_their_own() -> None:
    assert len({board.uid for board in BOARDS.values()}) == len(BOARDS)


@pytest.mark.parametrize("rule", RULES, ids=[rule.alert for rule in RULES])
def test_a_rule_says_how_bad_it_is_and_what_to_do(rule: Rule) -> None:
    assert rule.labels["severity"] in {"page", "ticket"}
    assert rule.annotations.keys() == {"summary", "action"}


def test_prometheus_asks_every_service_of_ours_where_it_listens() -> None:
    assert provisioned.scraped() == {name: (name, HEALTH_PORT) for name in (*OURS, *ON_DEMAND)}
    assert provisioned.data_source().type == "prometheus"
    assert as_written()["prometheus"].profiles == ("observe",)


def promtool(*arguments: str) -> str:
    """What Prometheus' own tool says; it must end well."""
    found = shutil.which("promtool")
    if found is None:
        assert "GITHUB_ACTIONS" not in os.environ, MISSING
        pytest.skip(MISSING)
    done = subprocess.run([found, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_prometheus_own_tool_accepts_the_rules() -> None:
    assert f"{len(RULES)} rules found" in promtool("check", "rules", str(provisioned.RULES))


def test_rules_are_silent_over_a_fleet_that_is_well_and_speak_of_trouble() -> None:
    assert "SUCCESS" in promtool("test", "rules", str(Path(__file__).with_name("alerts_test.yml")))
