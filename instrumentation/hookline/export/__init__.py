"""Out to an OTLP endpoint: endpoint, transports, batches, results. It knows nothing of relay or history."""
