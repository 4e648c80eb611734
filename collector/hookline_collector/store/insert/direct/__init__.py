"""Rows of small requests, made in Python and written straight into the tables: what an insert costs is then what its rows cost."""
