"""What was measured (`benchmarks/results`) and what things cost (`benchmarks/list_prices.json`), as data."""

from pathlib import Path

import msgspec

_FOLDER = Path(__file__).parent


class Figure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One number, what it counts, and the command that gave it."""

    value: float
    unit: str
    command: str
    note: str = ""


class Result(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one day on one machine gave."""

    measured: str
    machine: str
    figures: dict[str, Figure]


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one of something costs."""

    usd: float
    what: str


class Prices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A region's list prices, with their date and where they are from."""

    region: str
    currency: str
    as_of: str
    source: str
    prices: dict[str, Price]


def results() -> dict[str, Result]:
    """By file name, oldest first."""
    files = sorted((_FOLDER / "results").glob("*.json"))
    return {file.stem: msgspec.json.decode(file.read_bytes(), type=Result) for file in files}


def newest() -> dict[str, Figure]:
    """Every figure, of those measured more than once the last."""
    return {name: figure for result in results().values() for name, figure in result.figures.items()}


def prices() -> Prices:
    """The list prices."""
    return msgspec.json.decode((_FOLDER / "list_prices.json").read_bytes(), type=Prices)
