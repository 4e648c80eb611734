"""The embedded engine's folder: its lock and configuration, its definitions, what of it is safe on the disk."""
