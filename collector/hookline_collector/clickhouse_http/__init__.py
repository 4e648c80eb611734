"""ClickHouse's HTTP interface of the collector, read-only: what Grafana, DBeaver and the clients of ClickHouse speak.

A request becomes a question (`http_question`), the question a statement (`commands`, and the store's gate), the statement an answer (`answering`):

    clickhouse_endpoint ── credentials, http_question, client_sessions ── answering ── answer_encoding ── store.people_streams
                                                                             └── running_statements (ids, cancelling), go_handshake

Nothing here judges SQL: that is the store's one gate. Nothing here wakes while nobody asks.
"""
