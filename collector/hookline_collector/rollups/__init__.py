"""Metrics by minute and hour, for curves over months and years, and what was told of databases."""
