"""What the bytes between services mean. Pure: no clock, socket, file or setting."""
