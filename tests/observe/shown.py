"""Whether the boards' panels have something to show."""

import math

from tests.observe import provisioned
from tests.observe.prometheus import Prometheus
from tests.observe.provisioned import Target


def watched_s(seen: Prometheus) -> float:
    """For how long it has watched the service that it has watched for the shortest time."""
    spans = seen.query("min(time() - min_over_time(timestamp(up)[10m:5s]))")
    return float(spans[0].value[1]) if spans else 0.0


def empty(seen: Prometheus) -> list[str]:
    """Queries that give no line, or none that is a number."""
    return [f"{place}: {target.expr}" for place, target in provisioned.queries() if not _shows(seen, target)]


def _shows(seen: Prometheus, target: Target) -> bool:
    return any(math.isfinite(float(sample.value[1])) for sample in seen.query(target.expr))
