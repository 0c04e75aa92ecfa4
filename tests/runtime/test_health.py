"""/live, /ready and /metrics say the truth."""

import urllib.error
import urllib.request

import pytest

from wardstream.runtime.health import Health, served


def test_a_service_is_not_ready_until_it_says_so() -> None:
    health = Health()

    before = health.answer("/ready")
    health.ready()
    after = health.answer("/ready")

    assert before[0] == 503
    assert b"start" in before[2]
    assert after[0] == 200


def test_what_a_service_waits_for_is_named() -> None:
    health = Health()
    health.ready()

    health.not_ready("Kafka")

    assert health.answer("/ready") == (503, "text/plain", b"waiting for Kafka\n")


def test_a_loop_that_stands_still_is_not_live() -> None:
    now = 0.0
    health = Health(clock=lambda: now, stale_after_s=30.0)

    now = 29.0
    turning = health.is_live
    now = 31.0
    standing = health.is_live
    health.beat()

    assert (turning, standing, health.is_live) == (True, False, True)


def test_metrics_are_served_over_http() -> None:
    health = Health()

    with served(health, "127.0.0.1", 0) as port:
        body = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read().decode()
        with pytest.raises(urllib.error.HTTPError) as missing:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/other", timeout=5)

    assert "python_info" in body
    assert missing.value.code == 404
