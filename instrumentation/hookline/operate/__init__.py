"""Running Hookline on a machine: up and down, overview, doctor, the client of the API."""
