"""A message in the words and formats of those who are told. Everything here is pure: a message becomes a body."""
