"""From an alert that changed its state to a message that a person gets.

    plan       the file of receivers and routes (`notify.yaml`) as records, checked at load with every problem at once
    deciding   who is notified of what, and when: routing, grouping, inhibition, silences. Pure; the time is an argument
    keeping    what survives `kill -9`: groups, one bounded queue a target, silences, acknowledgements, the log of deliveries (SQLite)
    formats    a message as bytes: Alertmanager's webhook, Grafana's, PagerDuty's, Slack's, mail, plain text
    sending    bytes to a target: addresses checked when connected, time-outs, what an answer means
    alerting   `Alerting`, the service: takes changes, decides, keeps the decision, and hands it to one task a target (`target_queue`)

A change is kept, decided on and queued in one transaction, before `changed` returns: whatever kills the process, a change is decided on once, and
what was decided is sent until the target took it, refused it for good, or it is too old. Each message has one id, the same on every retry.
"""
