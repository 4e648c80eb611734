"""What survives the process: one SQLite file, written by one thread."""
