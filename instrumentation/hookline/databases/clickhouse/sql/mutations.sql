-- Mutations that are not done.
SELECT countIf(latest_fail_reason = ''), countIf(latest_fail_reason != '') FROM system.mutations WHERE NOT is_done
