"""Where agents send their own telemetry: to where the relay sends."""

from hookline.settings.schema import CollectorSettings, RelaySettings, Settings


def native_endpoint(settings: Settings) -> str:
    """Return the relay's endpoint; where only the collector's own address was changed, that."""
    if settings.relay.endpoint == RelaySettings().endpoint and settings.collector.otlp_grpc != CollectorSettings().otlp_grpc:
        return f"http://{settings.collector.otlp_grpc}"
    return settings.relay.endpoint
