"""The quiet path in C, where it is compiled (docs/decisions/0033-the-quiet-path-in-c.md); knows `scoring`, and nothing of Kafka."""
