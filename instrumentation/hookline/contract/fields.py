"""The words of the API: every field that an answer, a report's columns or a command's JSON and CSV have, once.

`FIELDS` is the one table. A record of the collector becomes JSON and a schema by it (`told_records`), the commands take their columns' heads of it,
`docs/api.md` prints it, and tests hold the SQL views and the page to it. One idea has one name wherever it stands:

- a moment is ISO 8601 in UTC with milliseconds (`2026-09-21T14:00:05.250Z`), null where it is unknown; no suffix;
- a duration is a number of seconds and ends in `_s`; an id ends in `_id`, several in `_ids`;
- a count is a plural (`tool_calls`); in the object around the rows the same word holds the things themselves;
- money is US dollars (`_usd`), null where it is unknown; a share ends in `_percent` and goes from 0 to 100.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class FieldUnit(StrEnum):
    """What a value is, and so its type in JSON."""

    MOMENT = "moment"
    SECONDS = "s"
    COUNT = "count"
    TOKENS = "tokens"
    BYTES = "bytes"
    USD = "USD"
    PERCENT = "%"
    RATIO = "ratio"
    ID = "id"
    IDS = "ids"
    TEXT = "text"
    TEXTS = "texts"
    FLAG = "flag"
    RECORDS = "records"


@dataclass(frozen=True, slots=True)
class ApiField:
    """One word: its unit, what it means, where it comes from, and the head of its column in a command's table."""

    name: str
    unit: FieldUnit
    meaning: str
    source: str
    heading: str = ""


HOOKS, STORE, USAGE, RULE, REPORT = "the agent's events", "the store", "the agent's requests", "worked out when asked", "worked out for the period"
LIMITS, SELF, RULES = "the status line, else the public rule", "the collector itself", "alert rules"

_ROWS: dict[str, tuple[tuple[str, FieldUnit, str, str, str], ...]] = {
    "Sessions": (
        ("session_id", FieldUnit.ID, "The agent's own id of the session.", HOOKS, "session"),
        ("state", FieldUnit.TEXT, "working, waiting, idle or ended.", RULE, "state"),
        ("since", FieldUnit.MOMENT, "When it became so: the change into the state, or since when figures are counted.", RULE, "since"),
        ("in_state_s", FieldUnit.SECONDS, "How long it has been in its state, without what the machine slept.", RULE, "since"),
        ("asleep_s", FieldUnit.SECONDS, "How much of the time since its beginning the machine slept: nobody's time.", RULE, ""),
        ("state_evidence", FieldUnit.TEXT, "How the beginning of the state is known: observed, derived or inferred.", RULE, ""),
        ("waiting_for", FieldUnit.TEXT, "What is waited for: permission, answer or prompt; empty while nobody is waited for.", RULE, ""),
        ("waiting_on", FieldUnit.RECORDS, "Who waits, for which call, since when; null while nobody asks.", RULE, ""),
        ("in_background", FieldUnit.FLAG, "Whether it goes on beside the conversation, or after the turn's end.", HOOKS, ""),
        ("background_tasks", FieldUnit.RECORDS, "What goes on in the background, the oldest first.", HOOKS, ""),
        ("running_calls", FieldUnit.RECORDS, "The tool calls under way, the oldest first.", HOOKS, ""),
        ("subagents", FieldUnit.RECORDS, "The subagents at work, the oldest first.", HOOKS, ""),
        ("current_tool", FieldUnit.TEXT, "The tool of the call that runs longest; empty when none does.", HOOKS, ""),
        ("turn_outcome", FieldUnit.TEXT, "How the turn ended that ended last; empty while one is under way.", HOOKS, ""),
        ("turn_error_type", FieldUnit.TEXT, "Why that turn failed; empty when it did not.", HOOKS, ""),
        ("interactive", FieldUnit.FLAG, "Whether a person sits at the session; null where nobody said.", HOOKS, ""),
        ("entrypoint", FieldUnit.TEXT, "How the agent was started, in its own word.", HOOKS, ""),
        ("start_source", FieldUnit.TEXT, "How the session began: startup, resume, clear, ...", HOOKS, ""),
        ("last", FieldUnit.MOMENT, "The last sign of life.", HOOKS, "last"),
        (
            "end_reason",
            FieldUnit.TEXT,
            "How it ended: session_end, process_gone, superseded, timed_out, history; empty while it goes on.",
            RULE,
            "end",
        ),
        ("agent_end_reason", FieldUnit.TEXT, "The agent's own word for its end, such as clear or logout.", HOOKS, ""),
        ("previous_id", FieldUnit.ID, "The session that this one continues; empty when none.", HOOKS, ""),
        ("conversation_id", FieldUnit.ID, "The first session of the conversation.", RULE, ""),
        ("conversation_session_ids", FieldUnit.IDS, "All sessions of the conversation; empty when this is the only one.", RULE, ""),
        ("sources", FieldUnit.TEXTS, "Who told of it: hook, native (the agent's own telemetry), transcript.", STORE, ""),
        ("session", FieldUnit.RECORDS, "The session's row.", STORE, ""),
        ("live", FieldUnit.RECORDS, "What the session does now; null when it is not in memory.", RULE, ""),
        ("sessions_total", FieldUnit.COUNT, "How many sessions there are, also those that the answer leaves out.", RULE, ""),
    ),
    "Who and where": (
        ("agent", FieldUnit.TEXT, "The agent's program, such as claude-code.", HOOKS, "agent"),
        ("agent_id", FieldUnit.ID, "A subagent's id; empty for the conversation itself.", HOOKS, ""),
        ("agent_name", FieldUnit.TEXT, "A subagent's kind, such as Explore; empty for the conversation itself.", HOOKS, ""),
        ("user", FieldUnit.TEXT, "The person.", HOOKS, "user"),
        ("host", FieldUnit.TEXT, "The machine.", HOOKS, "host"),
        ("project", FieldUnit.TEXT, "The project.", HOOKS, "project"),
        ("projects", FieldUnit.TEXTS, "The projects.", REPORT, "projects"),
        ("branch", FieldUnit.TEXT, "The branch.", HOOKS, "branch"),
        ("branches", FieldUnit.TEXTS, "The branches.", REPORT, ""),
        ("revision", FieldUnit.TEXT, "The commit that was checked out.", HOOKS, ""),
        ("revisions", FieldUnit.TEXTS, "The commits that were checked out.", REPORT, "commits"),
        ("model", FieldUnit.TEXT, "The model.", USAGE, "model"),
        ("models", FieldUnit.TEXTS, "The models, in the order in which they were first used.", USAGE, ""),
        ("account", FieldUnit.TEXT, "The account whose limits these are.", LIMITS, "account"),
    ),
    "Turns and calls": (
        ("prompt_id", FieldUnit.ID, "The prompt whose turn this is.", HOOKS, ""),
        ("prompt_ids", FieldUnit.IDS, "The prompts.", REPORT, ""),
        ("session_ids", FieldUnit.IDS, "The sessions.", REPORT, ""),
        ("call_id", FieldUnit.ID, "The tool call's id.", HOOKS, ""),
        ("task_id", FieldUnit.ID, "The id of what goes on in the background.", HOOKS, ""),
        ("task_type", FieldUnit.TEXT, "What it is: shell, subagent or monitor.", HOOKS, ""),
        ("task_name", FieldUnit.TEXT, "What is known of its name.", HOOKS, ""),
        ("tool", FieldUnit.TEXT, "The tool's name.", HOOKS, "tool"),
        ("mcp_server", FieldUnit.TEXT, "The MCP server that offers the tool; empty for the agent's own.", HOOKS, ""),
        ("file_extension", FieldUnit.TEXT, "The extension of the file that the call was about.", HOOKS, ""),
        ("requested", FieldUnit.MOMENT, "When the agent asked for the call.", HOOKS, ""),
        ("started", FieldUnit.MOMENT, "When it began.", HOOKS, "started"),
        ("ended", FieldUnit.MOMENT, "When it ended; null while it goes on. Of an open turn the last sign of life.", HOOKS, ""),
        ("is_open", FieldUnit.FLAG, "Whether no end is known.", RULE, ""),
        ("outcome", FieldUnit.TEXT, "success, failure, denied, interrupted, running or unknown.", HOOKS, ""),
        ("error_type", FieldUnit.TEXT, "The kind of error; empty when there was none.", HOOKS, ""),
        ("closed_by", FieldUnit.TEXT, "The rule that closed it where no event did.", RULE, ""),
        ("evidence", FieldUnit.TEXT, "How its end is known: observed, derived or inferred; empty while it is open.", RULE, "known"),
        ("evidence_source", FieldUnit.TEXT, "Who told of the end: hook, native, transcript, process or rule.", RULE, ""),
        ("prompt_length", FieldUnit.COUNT, "Characters of the prompt.", HOOKS, ""),
        ("prompt_source", FieldUnit.TEXT, "Who wrote the prompt: user, queued (typed ahead) or task_notification (the client).", HOOKS, ""),
        ("absorbed_prompts", FieldUnit.COUNT, "Prompts typed ahead that the turn took in.", HOOKS, ""),
        ("input_bytes", FieldUnit.BYTES, "Size of the call's input.", HOOKS, ""),
        ("output_bytes", FieldUnit.BYTES, "Size of the call's output.", HOOKS, ""),
        ("decision", FieldUnit.TEXT, "What was decided about the permission.", HOOKS, ""),
        ("decision_source", FieldUnit.TEXT, "Who decided: a person, a rule, a mode.", HOOKS, ""),
        ("turns", FieldUnit.RECORDS, "The session's turns, in order.", STORE, ""),
    ),
    "Counts": (
        ("sessions", FieldUnit.COUNT, "Sessions.", STORE, "sessions"),
        ("prompts", FieldUnit.COUNT, "Prompts that a person submitted.", HOOKS, "prompts"),
        ("failed_prompts", FieldUnit.COUNT, "Prompts whose turn failed.", HOOKS, ""),
        ("interrupted_prompts", FieldUnit.COUNT, "Prompts whose turn a person stopped.", HOOKS, ""),
        ("tool_calls", FieldUnit.COUNT, "Tool calls.", HOOKS, "calls"),
        ("failures", FieldUnit.COUNT, "Tool calls that failed.", HOOKS, "failed"),
        ("denials", FieldUnit.COUNT, "Tool calls that were denied.", HOOKS, "denied"),
        ("interruptions", FieldUnit.COUNT, "Tool calls that a person stopped.", HOOKS, ""),
        ("requests", FieldUnit.COUNT, "Requests to a model.", USAGE, "requests"),
        ("requests_without_cost", FieldUnit.COUNT, "Requests whose cost is unknown, and so in no `cost_usd`.", USAGE, ""),
        ("derived_prompts", FieldUnit.COUNT, "Prompts whose end is derived.", RULE, ""),
        ("inferred_prompts", FieldUnit.COUNT, "Prompts whose end is inferred.", RULE, ""),
        ("open_prompts", FieldUnit.COUNT, "Prompts without a known end.", RULE, ""),
        ("derived_tool_calls", FieldUnit.COUNT, "Tool calls whose end is derived.", RULE, ""),
        ("inferred_tool_calls", FieldUnit.COUNT, "Tool calls whose end is inferred.", RULE, ""),
        ("ends_by_evidence", FieldUnit.RECORDS, "How the ends of prompts and tool calls are known: counts by evidence.", RULE, ""),
    ),
    "Times": (
        ("human_s", FieldUnit.SECONDS, "A person's own time, at least (an estimate: `estimates`).", REPORT, "you"),
        ("human_at_most_s", FieldUnit.SECONDS, "A person's own time, at most (an estimate: `estimates`).", REPORT, "at most"),
        ("agent_s", FieldUnit.SECONDS, "Agents' time, added up.", REPORT, "agents"),
        ("agent_once_s", FieldUnit.SECONDS, "Time in which at least one agent worked.", REPORT, ""),
        ("wall_s", FieldUnit.SECONDS, "Time in which a person or an agent worked.", REPORT, "wall"),
        ("permission_wait_s", FieldUnit.SECONDS, "How long agents waited for a permission.", REPORT, ""),
        ("answer_wait_s", FieldUnit.SECONDS, "How long agents waited for an answer.", REPORT, ""),
        ("prompt_wait_s", FieldUnit.SECONDS, "How long agents waited for the next prompt.", REPORT, ""),
        ("wait_s", FieldUnit.SECONDS, "How long calls waited for a person.", HOOKS, "waited"),
        ("run_s", FieldUnit.SECONDS, "How long calls ran, without the wait.", HOOKS, ""),
        ("native_run_s", FieldUnit.SECONDS, "How long the call ran as the agent's own telemetry says.", HOOKS, ""),
        ("p50_s", FieldUnit.SECONDS, "Half of the calls ran no longer; null when none ran.", REPORT, "p50"),
        ("p95_s", FieldUnit.SECONDS, "95 of 100 calls ran no longer; null when none ran.", REPORT, "p95"),
        ("p99_s", FieldUnit.SECONDS, "99 of 100 calls ran no longer; null when none ran.", REPORT, "p99"),
        ("duration_s", FieldUnit.SECONDS, "From start to end; of what goes on to its last sign of life.", RULE, "lasted"),
        ("rounded_s", FieldUnit.SECONDS, "The length as an invoice has it.", REPORT, "counted"),
        ("parallelism", FieldUnit.RATIO, "How many agents worked at once on average while any did; null when none did.", REPORT, ""),
    ),
    "Tokens and cost": (
        ("input_tokens", FieldUnit.TOKENS, "Input tokens, without those from and into the cache.", USAGE, ""),
        ("output_tokens", FieldUnit.TOKENS, "Output tokens.", USAGE, ""),
        ("cache_read_tokens", FieldUnit.TOKENS, "Tokens read from the cache.", USAGE, ""),
        ("cache_creation_tokens", FieldUnit.TOKENS, "Tokens written into the cache.", USAGE, ""),
        ("total_tokens", FieldUnit.TOKENS, "All tokens, from the cache or not.", USAGE, "tokens"),
        ("cost_usd", FieldUnit.USD, "The known cost; null when none is known.", USAGE, "cost"),
    ),
    "Reports": (
        ("key", FieldUnit.TEXT, "What the row stands for: a project, a day, ... as `by` says.", REPORT, ""),
        ("by", FieldUnit.TEXT, "What a row stands for.", REPORT, ""),
        ("period", FieldUnit.RECORDS, "The period's bounds and its zone.", REPORT, ""),
        ("start", FieldUnit.MOMENT, "The first moment of a period or window.", REPORT, "start"),
        ("end", FieldUnit.MOMENT, "The first moment after a period or window; it may lie ahead.", REPORT, "end"),
        ("timezone", FieldUnit.TEXT, "The IANA zone in which days are cut.", REPORT, ""),
        ("day", FieldUnit.TEXT, "A day of that zone: 2026-09-21.", REPORT, "day"),
        ("idle_s", FieldUnit.SECONDS, "A gap longer than this ends a block.", REPORT, ""),
        ("round_s", FieldUnit.SECONDS, "To how much the length of a block is rounded; 0 leaves it.", REPORT, ""),
        ("rounding", FieldUnit.TEXT, "up or nearest.", REPORT, ""),
        ("totals", FieldUnit.RECORDS, "Everything together; where work ran side by side less than the sum of the rows.", REPORT, ""),
        ("estimates", FieldUnit.RECORDS, "How each estimate is made, by the field's name.", REPORT, ""),
        ("rows", FieldUnit.RECORDS, "One row a project, day, ...; of a query one row a row.", REPORT, ""),
        ("tools", FieldUnit.RECORDS, "One row a tool, the most called first.", REPORT, ""),
        ("blocks", FieldUnit.RECORDS, "Runs of work without a gap longer than `idle_s`.", REPORT, ""),
        ("has_more_blocks", FieldUnit.FLAG, "Whether blocks were left out.", REPORT, ""),
    ),
    "Usage windows": (
        ("windows", FieldUnit.RECORDS, "Five-hour windows, and the gaps between them.", LIMITS, ""),
        ("weeks", FieldUnit.RECORDS, "Weekly windows.", LIMITS, ""),
        ("kind", FieldUnit.TEXT, "five_hour or seven_day.", LIMITS, ""),
        ("source", FieldUnit.TEXT, "observed, estimated, or gap for what lies between two windows.", LIMITS, ""),
        ("is_active", FieldUnit.FLAG, "Whether the window runs now.", RULE, ""),
        ("used_percent", FieldUnit.PERCENT, "How full it is, as the client told; null where it did not.", LIMITS, "used"),
        ("elapsed_percent", FieldUnit.PERCENT, "How much of its time has gone.", RULE, "elapsed"),
        ("pace", FieldUnit.RATIO, "The share used over the share of time gone: above 1 it does not last.", RULE, "pace"),
        ("tokens_per_min", FieldUnit.RATIO, "Tokens a minute so far.", RULE, ""),
        ("cost_usd_per_h", FieldUnit.RATIO, "US dollars an hour so far.", RULE, ""),
        ("projected_percent", FieldUnit.PERCENT, "How full it will be at its reset at this pace.", RULE, "at reset"),
        ("projected_total_tokens", FieldUnit.TOKENS, "All tokens at its end at this rate.", RULE, ""),
        ("projected_cost_usd", FieldUnit.USD, "Its cost at its end at this rate.", RULE, ""),
        ("limit_reached", FieldUnit.MOMENT, "When the limit is reached at this rate; null when not before the reset.", RULE, "limit"),
        ("limit_reached_earliest", FieldUnit.MOMENT, "The earliest such moment that is likely.", RULE, ""),
        ("limit_reached_latest", FieldUnit.MOMENT, "The latest such moment that is likely.", RULE, ""),
    ),
    "The first page": (
        ("now", FieldUnit.MOMENT, "The moment of the answer.", SELF, ""),
        ("version", FieldUnit.TEXT, "The collector's version.", SELF, ""),
        ("is_fresh", FieldUnit.FLAG, "Whether everything is in it that was acknowledged before the question.", SELF, ""),
        ("has_data", FieldUnit.FLAG, "Whether any agent's telemetry ever arrived.", STORE, ""),
        ("install_command", FieldUnit.TEXT, "The command that installs the hooks.", SELF, ""),
        ("problems", FieldUnit.TEXTS, "What does not work, in words; empty when all does.", SELF, ""),
        ("by_project", FieldUnit.RECORDS, "One row a project.", REPORT, ""),
        ("running_sessions", FieldUnit.RECORDS, "The sessions that work or wait, the most urgent first.", RULE, ""),
        ("activity", FieldUnit.TEXT, "What the session does, in words.", RULE, ""),
        ("disk_free_bytes", FieldUnit.BYTES, "What is free on the disk of the data folder.", SELF, ""),
        ("disk_total_bytes", FieldUnit.BYTES, "How large that disk is.", SELF, ""),
    ),
    "Queries": (
        ("columns", FieldUnit.TEXTS, "The names of the columns.", STORE, ""),
        ("types", FieldUnit.TEXTS, "Their ClickHouse types.", STORE, ""),
        ("sql", FieldUnit.TEXT, "The statement; `{name:Type}` in it takes its value from `parameters`.", "you", ""),
        ("parameters", FieldUnit.RECORDS, "Values by name.", "you", ""),
    ),
    "Alerts: who is told": (
        ("silences", FieldUnit.RECORDS, "Silences, the one that ends last first.", SELF, ""),
        ("silence_id", FieldUnit.ID, "The silence's id.", SELF, "silence"),
        ("silence_state", FieldUnit.TEXT, "pending, active or expired.", RULE, "state"),
        ("matchers", FieldUnit.TEXTS, 'Which labels it is about, as `severity="page"` or `project=~"shop|till"`.', "you", "matchers"),
        ("created_by", FieldUnit.TEXT, "Who said so.", "you", "by"),
        ("comment", FieldUnit.TEXT, "Why.", "you", "reason"),
        ("created", FieldUnit.MOMENT, "When it was said.", SELF, "created"),
        ("acknowledgements", FieldUnit.RECORDS, "Who knows of which alert.", SELF, ""),
        ("acknowledged", FieldUnit.RECORDS, "Who knows of the alert, since it began to fire; null while nobody said so.", SELF, "known to"),
        ("silenced_by", FieldUnit.TEXTS, "The ids of the silences that hold the alert back.", RULE, ""),
        ("inhibited_by", FieldUnit.TEXTS, "The fingerprints of the alerts that hold it back.", RULE, ""),
        ("fingerprint", FieldUnit.TEXT, "The alert's identity: what Prometheus and Alertmanager compute of its labels.", RULE, "alert"),
        ("fired", FieldUnit.MOMENT, "When the alert began to fire; null while it has not.", RULE, "fired"),
        ("deliveries", FieldUnit.RECORDS, "Attempts to tell a target, the newest first.", SELF, ""),
        ("message_id", FieldUnit.ID, "The message's id, the same on every attempt (`webhook-id`).", SELF, ""),
        ("target", FieldUnit.TEXT, "The target's name.", "the file of receivers", "target"),
        (
            "target_kind",
            FieldUnit.TEXT,
            "webhook, slack, pagerduty, email, desktop, command, ...",
            "the file of receivers",
            "kind",
        ),
        ("receiver", FieldUnit.TEXT, "The receiver that the target belongs to.", "the file of receivers", "receiver"),
        ("group_key", FieldUnit.TEXT, "The group of alerts, as Alertmanager writes it.", RULE, ""),
        ("occasion", FieldUnit.TEXT, "Why it was sent: firing, resolved, repeat or test.", RULE, "why"),
        ("alerts_firing", FieldUnit.COUNT, "Alerts in it that fire.", RULE, "firing"),
        ("alerts_resolved", FieldUnit.COUNT, "Alerts in it that are over.", RULE, "over"),
        ("attempt", FieldUnit.COUNT, "Which attempt it was.", SELF, "attempt"),
        ("result", FieldUnit.TEXT, "delivered; retried: it will be; refused for good; dropped from a full queue; expired.", SELF, "result"),
        ("status_code", FieldUnit.COUNT, "What the target answered, as a code of HTTP or SMTP; 0 where it did not.", "the target", "code"),
        ("answer", FieldUnit.TEXT, "What it answered in words, or why there was no answer.", "the target", "answer"),
        ("attempted", FieldUnit.MOMENT, "When the attempt ended.", SELF, "at"),
        ("after_breach_s", FieldUnit.SECONDS, "How long after what it tells of; null where nothing in it is new.", SELF, "after"),
        ("targets", FieldUnit.RECORDS, "Every target, and how it stands.", SELF, ""),
        ("waiting_messages", FieldUnit.COUNT, "Messages in its queue.", SELF, "waiting"),
        ("delivered_messages", FieldUnit.COUNT, "Messages that it took since the collector started.", SELF, "delivered"),
        ("dropped_messages", FieldUnit.COUNT, "Messages that were given up since then.", SELF, "dropped"),
        ("breaker", FieldUnit.TEXT, "closed; open: nothing is tried for a while; half_open: one message is tried.", SELF, "breaker"),
        ("failures_in_a_row", FieldUnit.COUNT, "Attempts that failed since the last one that did not.", SELF, "failures"),
        ("delivered", FieldUnit.FLAG, "Whether the target took it.", SELF, ""),
        ("file", FieldUnit.TEXT, "The file that it is about: of receivers and routes, or of rules.", SELF, ""),
    ),
    "Alerts": (
        ("alerts", FieldUnit.RECORDS, "Alerts that are pending, firing, or resolved not long ago.", RULES, ""),
        ("alert", FieldUnit.TEXT, "The name of the alert: its rule's.", RULES, "alert"),
        ("alert_state", FieldUnit.TEXT, "inactive, pending, firing or resolved.", RULES, "state"),
        ("labels", FieldUnit.RECORDS, "What tells an alert from others, by name.", RULES, "labels"),
        ("annotations", FieldUnit.RECORDS, "What people are told, by name.", RULES, ""),
        ("value", FieldUnit.RATIO, "The value, in the unit of what is measured.", RULES, "value"),
        ("active", FieldUnit.MOMENT, "When the breach began.", RULES, "since"),
        ("resolved", FieldUnit.MOMENT, "When it was over; null while it is not.", RULES, ""),
        ("links", FieldUnit.RECORDS, "Where more is to be seen, by name.", RULES, ""),
        ("shown_by", FieldUnit.RECORDS, "What shows why: the series, the worst items, the statement that reproduces it.", RULES, ""),
        ("points", FieldUnit.RECORDS, "The series around the breach, as Unix nanoseconds and values.", RULES, ""),
        ("worst", FieldUnit.RECORDS, "The worst spans, records or sessions behind it.", RULES, ""),
        ("at", FieldUnit.MOMENT, "When it was.", RULES, ""),
        ("trace_id", FieldUnit.ID, "The trace that it belongs to; empty when none.", RULES, ""),
        ("span_id", FieldUnit.ID, "The span that it is, or belongs to; empty when none.", RULES, ""),
        ("statement", FieldUnit.TEXT, "SQL that reproduces the value; empty for sessions.", RULES, ""),
        ("transitions", FieldUnit.RECORDS, "Changes of alerts' states, the newest first.", RULES, ""),
        ("transition_id", FieldUnit.ID, "What names a change, the same wherever it is told.", RULES, ""),
        ("changed", FieldUnit.MOMENT, "When it changed.", RULES, "changed"),
        ("from_state", FieldUnit.TEXT, "The state before.", RULES, "from"),
        ("to_state", FieldUnit.TEXT, "The state after.", RULES, "to"),
        ("rules", FieldUnit.RECORDS, "The rules in force, in their order.", RULES, ""),
        ("rule", FieldUnit.TEXT, "The rule's name.", RULES, "rule"),
        ("rule_group", FieldUnit.TEXT, "The group that it stands in.", RULES, "group"),
        ("rule_file", FieldUnit.TEXT, "The file that it stands in.", RULES, ""),
        ("measured", FieldUnit.TEXT, "What is measured: metric, span, log, session or sql.", RULES, "measures"),
        ("for_s", FieldUnit.SECONDS, "How long a breach must last before it fires.", RULES, "for"),
        ("keep_firing_for_s", FieldUnit.SECONDS, "How long it fires on after the breach.", RULES, ""),
        ("interval_s", FieldUnit.SECONDS, "How often it is looked at as time passes.", RULES, ""),
        ("health", FieldUnit.TEXT, "ok, error, or unknown before it was first looked at.", RULES, "health"),
        ("evaluated", FieldUnit.MOMENT, "When it was last looked at.", RULES, "looked at"),
        ("evaluations", FieldUnit.COUNT, "How often it was looked at since the collector started.", RULES, ""),
        ("evaluation_s", FieldUnit.SECONDS, "How long that took the last time.", RULES, "took"),
        ("file_problems", FieldUnit.RECORDS, "What is wrong with rule files as they are now; the rules of before are in force.", RULES, ""),
        ("line", FieldUnit.COUNT, "Its line, from 1.", RULES, ""),
        ("column", FieldUnit.COUNT, "Its column, from 1.", RULES, ""),
        ("key_path", FieldUnit.TEXT, "The way to the key, such as groups[0].rules[2].for.", RULES, ""),
        ("message", FieldUnit.TEXT, "What is wrong.", RULES, ""),
    ),
    "Operation": (
        ("runs", FieldUnit.COUNT, "How often the cleanup ran.", SELF, ""),
        ("closed", FieldUnit.RECORDS, "Sessions that were closed, counted by `end_reason`.", SELF, ""),
        ("last_run", FieldUnit.RECORDS, "The cleanup's last run; null before the first.", SELF, ""),
        ("recent_runs", FieldUnit.RECORDS, "The cleanup's last runs, the oldest first.", SELF, ""),
        ("mean_duration_s", FieldUnit.SECONDS, "How long a run took on average; null before the first.", SELF, ""),
        ("max_duration_s", FieldUnit.SECONDS, "How long the longest run took; null before the first.", SELF, ""),
        ("decided_s", FieldUnit.SECONDS, "How long it took to decide what is to be closed.", SELF, ""),
        ("error", FieldUnit.TEXT, "What went wrong; empty when nothing did.", SELF, "error"),
        ("entries", FieldUnit.RECORDS, "What is in quarantine, the oldest first.", SELF, ""),
        ("name", FieldUnit.TEXT, "The name of a quarantined request or of a part.", SELF, "name"),
        ("signal", FieldUnit.TEXT, "traces, logs or metrics.", SELF, "signal"),
        ("items", FieldUnit.COUNT, "Spans, log records or data points in it.", SELF, "items"),
        ("size_bytes", FieldUnit.BYTES, "Its size.", SELF, "size"),
        ("reason", FieldUnit.TEXT, "Why: refused or damaged in quarantine; of the status what does not work.", SELF, "reason"),
        ("set_aside", FieldUnit.MOMENT, "When it was put into quarantine.", SELF, "set aside"),
        ("pid", FieldUnit.COUNT, "The collector's process.", SELF, ""),
        ("uptime_s", FieldUnit.SECONDS, "How long the collector has been up.", SELF, ""),
        ("ready", FieldUnit.FLAG, "Whether telemetry is taken and stored.", SELF, ""),
        ("engine", FieldUnit.TEXT, "embedded, or the address of the ClickHouse server.", SELF, ""),
        ("addresses", FieldUnit.RECORDS, "Where the collector listens.", SELF, ""),
        ("parts", FieldUnit.RECORDS, "Each part and how it is.", SELF, ""),
        ("ok", FieldUnit.FLAG, "Whether the part works.", SELF, ""),
        ("detail", FieldUnit.TEXT, "What is to be known of the part.", SELF, ""),
        ("is_remark", FieldUnit.FLAG, "Whether it is only to be known and stops nothing.", SELF, ""),
        (
            "signals",
            FieldUnit.RECORDS,
            "The balance of each signal: received = stored + rejected + deduplicated + quarantined + in_journal.",
            SELF,
            "",
        ),
        ("received", FieldUnit.COUNT, "Items received.", SELF, ""),
        ("stored", FieldUnit.COUNT, "Items stored.", SELF, ""),
        ("rejected", FieldUnit.COUNT, "Items rejected.", SELF, ""),
        ("deduplicated", FieldUnit.COUNT, "Items that had been there before.", SELF, ""),
        ("quarantined", FieldUnit.COUNT, "Items set aside since the store would not take them.", SELF, ""),
        ("in_journal", FieldUnit.COUNT, "Items on their way to the store.", SELF, ""),
        ("balanced", FieldUnit.FLAG, "Whether the sum is right.", SELF, ""),
        ("gauges", FieldUnit.RECORDS, "The collector's gauges.", SELF, ""),
    ),
}

GROUPS: dict[str, tuple[ApiField, ...]] = {title: tuple(ApiField(*row) for row in rows) for title, rows in _ROWS.items()}
FIELDS: dict[str, ApiField] = {field.name: field for fields in GROUPS.values() for field in fields}


def headings(names: Iterable[str]) -> tuple[str, ...]:
    """Return the heads of the columns of a table for people."""
    return tuple(FIELDS[name].heading or name for name in names)
