"""A message in the formats of those who get it. Everything here is pure: a message becomes a body."""
