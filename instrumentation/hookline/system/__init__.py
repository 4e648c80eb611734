"""What Hookline needs of the operating system, once each: files, locks, processes, time, logs."""
