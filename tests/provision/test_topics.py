"""Topics as a large deployment wants them."""

from wardstream.contracts.topics import BRIDGE_SLOTS, PARTITIONS, TOPICS
from wardstream.provision.settings import ProvisionSettings
from wardstream.provision.topics import wanted


def _partitions(**more: int) -> dict[str, int]:
    settings = ProvisionSettings(kafka_bootstrap="b:9092", **more)  # type: ignore[arg-type]  # only numbers are given
    return {topic.topic: topic.num_partitions for topic in wanted(settings)}


def test_a_large_deployment_gets_as_many_partitions_as_it_asks_for() -> None:
    found = _partitions(kafka_partitions=48)

    load = {name: count for name, count in found.items() if name != BRIDGE_SLOTS.name}
    assert set(load.values()) == {48}
    assert found[BRIDGE_SLOTS.name] == BRIDGE_SLOTS.partitions


def test_who_asks_for_nothing_gets_the_contract_s_topics() -> None:
    assert _partitions() == {topic.name: topic.partitions for topic in TOPICS}
    assert PARTITIONS in _partitions().values()
