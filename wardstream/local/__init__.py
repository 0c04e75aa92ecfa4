"""The real servers as local processes, and the demo that runs the whole pipeline on them."""
