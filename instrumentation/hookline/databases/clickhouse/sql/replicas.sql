-- Replicated tables.
SELECT countIf(is_readonly), max(absolute_delay), sum(queue_size) FROM system.replicas
