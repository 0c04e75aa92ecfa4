"""What one person may ask of us: a copy of everything about them, or that we forget it."""
