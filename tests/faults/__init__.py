"""The fault matrix: what breaks, what is lost, doubled or wrong after it heals, and how long that takes."""
