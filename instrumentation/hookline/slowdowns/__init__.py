"""What became slower than it was: a statement of a database, a route of a service. Pure, and the same for both."""
