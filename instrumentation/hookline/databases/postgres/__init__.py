"""PostgreSQL 13 to 18, as a role with pg_monitor sees it.

sql_files, sql/      statements by version
link                 one connection: opened, asked within a time, given up
server               who answers: version, role, names, extensions
looks                sessions as samples
figures              counters as points: instance, log, replication
statement_reader     pg_stat_statements in two steps
relations            tables, indexes, free space, settings
plan_setup           the functions through which plans are asked for, and what keeps that safe
plan_reader          asks for plans
postgres_watch       one server's task: two connections, looks and work that is due
setup_sql, postgres_checks    `hookline db setup`, `hookline db check`
"""
