"""A minute of the demo on real servers: every panel of every dashboard shows something."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.observe import prometheus, provisioned
from tests.observe.named import named
from tests.observe.prometheus import Prometheus
from tests.observe.shown import empty, watched_s
from wardstream.local import services
from wardstream.local.children import Child, stop_all
from wardstream.local.servers import start_servers

pytestmark = [
    pytest.mark.flow,
    pytest.mark.long,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        prometheus.binary() is None,
        reason=prometheus.MISSING,
    ),
]

_WATCH_S = 60.0
_PATIENCE_S = 240.0
# As the demo has them: everybody has some trouble every minute, so that there is something to see.
_DEVICES = (
    *("--devices", "40", "--profile", "mix", "--seed", "7"),
    *("--episodes", "60", "--episode-seconds", "30"),
)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that has watched the whole pipeline for a minute."""
    folder = tmp_path_factory.mktemp("watched")
    with ExitStack() as stack:
        addresses = stack.enter_context(start_servers(folder))
        services.provision(addresses, folder)
        simulator = services.service("iot_simulator", addresses, folder, arguments=_DEVICES)
        wanted = [
            *(
                services.service(name, addresses, folder, settings={"FLUSH_INTERVAL_S": "5"})
                for name in services.SERVICES
            ),
            simulator,
        ]
        running: list[Child] = []
        stack.callback(lambda: stop_all(reversed(running)))
        for service in wanted:
            running.append(services.start_ready(service, _PATIENCE_S))  # noqa: PERF401 -- those that run must be stopped if the next fails
        ports = {service.command.name: service.health_port for service in wanted}
        seen = stack.enter_context(prometheus.scraping(folder / "prometheus", ports))
        _wait_until(lambda: watched_s(seen) >= _WATCH_S, "a minute of samples")
        yield seen


def _wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline_s = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, f"waited {_PATIENCE_S:g} s for {what}"
        time.sleep(0.5)


def test_every_panel_shows_something_after_a_minute(watched: Prometheus) -> None:
    # What comes in bursts (a flush, an alarm) may be a moment late on a busy machine.
    deadline_s = time.monotonic() + _PATIENCE_S
    while (left := empty(watched)) and time.monotonic() < deadline_s:
        time.sleep(1)

    assert left == []


def test_only_what_had_no_trouble_shows_a_zero_that_nobody_counted(watched: Prometheus) -> None:
    uncounted = {
        name
        for _, target in provisioned.queries()
        for name in named(target.expr).metrics
        if not watched.query(name)
    }

    assert uncounted <= {
        # Nobody reads device-raw here, no row is unusable, and none of ours writes what another can't read.
        "wardstream_bridge_lag",
        "wardstream_bridge_registry_malformed_total",
        "wardstream_processor_malformed_total",
        "wardstream_sink_malformed_total",
        "wardstream_store_malformed_total",
        # It takes a throttle, a crash or a resend.
        "wardstream_store_repeated_total",
        # Nobody acts at a desk, nothing is merged and nothing trained within this minute.
        "wardstream_processor_actions_total",
        "wardstream_processor_refused_total",
        "wardstream_compact_merged_files_total",
        "wardstream_compact_rows_total",
        "wardstream_models_judged_total",
    }


def test_every_rule_can_be_evaluated_and_no_service_is_called_silent(watched: Prometheus) -> None:
    _wait_until(
        lambda: all(rule.health != "unknown" for rule in watched.rules()), "every rule to be evaluated"
    )

    loaded = watched.rules()
    firing = {rule.name for rule in loaded if rule.state == "firing"}
    assert {rule.name for rule in loaded} == {rule.alert for rule in provisioned.rules()}
    assert [rule for rule in loaded if rule.health != "ok"] == []
    assert firing.isdisjoint({"ServiceDown", "NothingReceived", "SessionsWithoutOwner", "ProcessorSilent"})
