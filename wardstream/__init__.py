"""What every service shares: the meaning of bytes, the scorer, and how a process behaves."""
