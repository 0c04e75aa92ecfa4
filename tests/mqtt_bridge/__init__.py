"""The bridge: messages in, readings and refusals out, nothing lost on the way."""
