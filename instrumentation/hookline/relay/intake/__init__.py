"""From the spool to the fold, and what fills the spool beside the hooks."""
