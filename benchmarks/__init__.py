"""What each stage carries, and what many devices need."""
