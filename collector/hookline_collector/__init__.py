"""The collector: OTLP in, journal, ClickHouse, sessions, API and pages."""
