"""What many devices need, computed from what was measured: `python -m benchmarks.scale` rewrites docs/scale.md."""
