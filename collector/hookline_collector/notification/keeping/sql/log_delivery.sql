-- Note what came of an attempt.
INSERT INTO deliveries (
    message_id, target, receiver, group_key, reason, alerts_firing, alerts_resolved, attempt, outcome, code, answer, at_ns, duration_ns, after_breach_ns
)
VALUES (
    :message_id, :target, :receiver, :group_key, :reason, :alerts_firing, :alerts_resolved, :attempt, :outcome, :code, :answer, :at_ns, :duration_ns,
    :after_breach_ns
)
