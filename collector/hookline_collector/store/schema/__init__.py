"""The tables: migrations and retention."""
