"""What the tests of receivers and ingest share: a collector's front half in a thread, requests of every signal, clients."""
