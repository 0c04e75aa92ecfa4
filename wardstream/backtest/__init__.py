"""Would this have fired, and why: stored readings through the scorer that the processor runs."""
