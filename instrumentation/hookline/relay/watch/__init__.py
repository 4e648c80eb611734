"""What the relay sees for itself: processes, their end, the machine's sleep, samples."""
