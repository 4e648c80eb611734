"""The one place that knows the version."""

VERSION = "0.3.0"
