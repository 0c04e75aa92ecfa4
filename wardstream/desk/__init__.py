"""What people at a desk do: look which alarms stand, and tell the processor what they have done about them."""
