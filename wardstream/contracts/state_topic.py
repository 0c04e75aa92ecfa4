"""The names by which the processor's state is found, and the right to write it."""


def state_topic(group: str) -> str:
    """The compacted topic that holds the state of a processor group."""
    return f"{group}-state"


def writer_id(topic: str, partition: int) -> str:
    """The transactional id that alone writes this partition of a state topic: whoever initialised it last."""
    return f"{topic}-{partition}"
