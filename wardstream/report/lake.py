"""Surveying the lake: how often the view `iot_data` shows each reading."""

from collections import Counter

from wardstream.lake import query
from wardstream.lake.settings import LakeSettings
from wardstream.lake.view import VIEW


def rows_per_reading(settings: LakeSettings) -> Counter[str]:
    """Rows of `iot_data` per reading_id; every count is 1 as long as the promise holds."""
    counts: Counter[str] = Counter()
    with query.answered(f"SELECT reading_id FROM {VIEW}", settings) as answer:  # noqa: S608 -- a constant of ours
        for batch in answer:
            counts.update(batch.column(0).to_pylist())
    return counts
