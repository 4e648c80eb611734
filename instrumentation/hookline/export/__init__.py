"""Out to an OTLP endpoint. It knows nothing of who makes the records: relay, history, and whatever else has something to send.

delivery                 an outbox, and the thread that sends what is in it
outbox                   what waits for the endpoint, bounded; between two threads
batch                    runs of steps that travel together
sender                   attempts, until nothing of a batch is left to care for; no thread of its own
next_step, probe         what is to be done after an answer: pure
result                   what an answer means for the data
sdk, merge               records as the SDK takes them, and collections of metrics as one
transport, attempt       the exporters of the SDK, opened so that each makes one attempt
grpc, http               the two protocols; only the one in use is imported
endpoint                 where telemetry goes
rejected, report         what the endpoint will never take; how delivery does
"""
