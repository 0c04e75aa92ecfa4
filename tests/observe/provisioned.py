"""What Prometheus and Grafana are given in `deploy/observe`, as it stands in the files."""

from pathlib import Path

import msgspec
import yaml  # type: ignore[import-untyped]  # no stubs among the locked packages; what it reads is converted below

OBSERVE = Path(__file__).parents[2] / "deploy" / "observe"
SETTINGS = OBSERVE / "prometheus.yml"
RULES = OBSERVE / "alerts.yml"
DASHBOARDS = OBSERVE / "grafana" / "dashboards"
_PROVISIONING = OBSERVE / "grafana" / "provisioning"


class Place(msgspec.Struct, frozen=True):
    """Where a panel is, on a board 24 wide."""

    x: int
    y: int
    w: int
    h: int

    def squares(self) -> set[tuple[int, int]]:
        """What it covers."""
        return {(x, y) for x in range(self.x, self.x + self.w) for y in range(self.y, self.y + self.h)}


class Source(msgspec.Struct, frozen=True):
    """A data source, by its uid."""

    type: str
    uid: str


class Target(msgspec.Struct, frozen=True, rename="camel"):
    """A query, and how its lines are called."""

    ref_id: str
    expr: str
    legend_format: str


class Defaults(msgspec.Struct, frozen=True):
    """How values are shown."""

    unit: str


class Fields(msgspec.Struct, frozen=True):
    """As Grafana nests it."""

    defaults: Defaults


class Panel(msgspec.Struct, frozen=True, rename="camel"):
    """A panel; a field that is missing is a fault."""

    id: int
    type: str
    title: str
    description: str
    datasource: Source
    grid_pos: Place
    field_config: Fields
    targets: tuple[Target, ...]


class Dashboard(msgspec.Struct, frozen=True, rename="camel"):
    """A dashboard."""

    uid: str
    title: str
    description: str
    schema_version: int
    panels: tuple[Panel, ...]


class Rule(msgspec.Struct, frozen=True):
    """An alert rule."""

    alert: str
    expr: str
    labels: dict[str, str]
    annotations: dict[str, str]


def dashboards() -> dict[str, Dashboard]:
    """By file name without its ending."""
    return {
        file.stem: msgspec.json.decode(file.read_bytes(), type=Dashboard)
        for file in sorted(DASHBOARDS.glob("*.json"))
    }


def rules() -> list[Rule]:
    """Of all groups."""
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return [msgspec.convert(rule, Rule) for group in groups for rule in group["rules"]]


def scraped() -> dict[str, tuple[str, int]]:
    """By job: the name that DNS is asked for, and the port."""
    jobs = yaml.safe_load(SETTINGS.read_text())["scrape_configs"]
    return {
        job["job_name"]: (one["names"][0], one["port"])
        for job in jobs
        for one in job["dns_sd_configs"]
        if one["type"] == "A"
    }


def data_source() -> Source:
    """The one that is provisioned."""
    (source,) = yaml.safe_load((_PROVISIONING / "datasources" / "prometheus.yml").read_text())["datasources"]
    return msgspec.convert(source, Source)


def queries() -> list[tuple[str, Target]]:
    """Every query of every panel, with its place in words."""
    return [
        (f"{name}: {panel.title}", target)
        for name, dashboard in dashboards().items()
        for panel in dashboard.panels
        for target in panel.targets
    ]
