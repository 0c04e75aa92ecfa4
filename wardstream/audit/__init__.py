"""The record of who did what with people's data: append-only, chained, and about nobody by name."""
