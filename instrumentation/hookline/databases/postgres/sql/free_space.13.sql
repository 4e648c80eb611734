-- Free space of one table; takes a lock, so it runs apart and gives up after a tenth of a second.
SELECT approx_free_percent::float8 / 100 FROM {schema}.pgstattuple_approx(%(table)s)
