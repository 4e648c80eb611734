"""A world around the journal that tests can break: a disk in memory that forgets what was not synced, and a store that knows tokens."""
