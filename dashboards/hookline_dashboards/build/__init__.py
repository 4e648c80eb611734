"""Building the dashboards, with the Grafana Foundation SDK: `make dashboards`."""
