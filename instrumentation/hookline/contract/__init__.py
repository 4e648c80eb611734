"""What both halves agree on: names, kinds, ids. It imports nothing of Hookline."""
