-- What there is now.
SELECT metric, value FROM system.metrics WHERE metric IN ('MemoryTracking', 'ReadonlyReplica', 'Merge', 'HTTPConnection', 'TCPConnection')
