"""The names of attributes and metrics that Hookline puts on telemetry, in one place.

OpenTelemetry semantic conventions where they exist, pinned to SCHEMA_URL (v1.41.1, the last release of the main
repository that holds the GenAI conventions); `hookline.*` for the rest. The collector's SQL reads the same names:
`docs/data-model.md` describes the records. A name is changed here, there and in a migration, or nowhere.
"""

from typing import Final

SCHEMA_URL: Final = "https://opentelemetry.io/schemas/1.41.1"

# Resource
SERVICE_NAME: Final = "service.name"
HOST_NAME: Final = "host.name"
USER_NAME: Final = "user.name"
DISTRO_NAME: Final = "telemetry.distro.name"
SERVICE_VERSION: Final = "service.version"
DISTRO_VERSION: Final = "telemetry.distro.version"
SDK_NAME: Final = "telemetry.sdk.name"
SDK_LANGUAGE: Final = "telemetry.sdk.language"
OS_TYPE: Final = "os.type"

# Session and GenAI
SESSION_ID: Final = "session.id"
SESSION_PREVIOUS_ID: Final = "session.previous_id"
OPERATION_NAME: Final = "gen_ai.operation.name"
PROVIDER_NAME: Final = "gen_ai.provider.name"
CONVERSATION_ID: Final = "gen_ai.conversation.id"
AGENT_NAME: Final = "gen_ai.agent.name"
AGENT_ID: Final = "gen_ai.agent.id"
REQUEST_MODEL: Final = "gen_ai.request.model"
RESPONSE_MODEL: Final = "gen_ai.response.model"
RESPONSE_ID: Final = "gen_ai.response.id"
TOOL_NAME: Final = "gen_ai.tool.name"
TOOL_CALL_ID: Final = "gen_ai.tool.call.id"
TOOL_TYPE: Final = "gen_ai.tool.type"
TOOL_ARGUMENTS: Final = "gen_ai.tool.call.arguments"
TOOL_RESULT: Final = "gen_ai.tool.call.result"
INPUT_MESSAGES: Final = "gen_ai.input.messages"
OUTPUT_MESSAGES: Final = "gen_ai.output.messages"
USAGE_INPUT: Final = "gen_ai.usage.input_tokens"
USAGE_OUTPUT: Final = "gen_ai.usage.output_tokens"
USAGE_CACHE_READ: Final = "gen_ai.usage.cache_read.input_tokens"
USAGE_CACHE_CREATION: Final = "gen_ai.usage.cache_creation.input_tokens"
ERROR_TYPE: Final = "error.type"

# Place
VCS_REPOSITORY_NAME: Final = "vcs.repository.name"
VCS_REPOSITORY_URL: Final = "vcs.repository.url.full"
VCS_OWNER_NAME: Final = "vcs.owner.name"
VCS_PROVIDER_NAME: Final = "vcs.provider.name"
VCS_HEAD_NAME: Final = "vcs.ref.head.name"
VCS_HEAD_REVISION: Final = "vcs.ref.head.revision"
VCS_HEAD_TYPE: Final = "vcs.ref.head.type"
PROCESS_PID: Final = "process.pid"
PROCESS_CREATION_TIME: Final = "process.creation.time"
PROCESS_EXIT_CODE: Final = "process.exit.code"
FILE_EXTENSION: Final = "file.extension"
FILE_PATH: Final = "file.path"
LOG_RECORD_UID: Final = "log.record.uid"

# Hookline's own
PROMPT_ID: Final = "hookline.prompt.id"
PROMPT_LENGTH: Final = "hookline.prompt.length"
PROMPT_HASH: Final = "hookline.prompt.hash"
PROMPT_SOURCE: Final = "hookline.prompt.source"  # user | queued (typed ahead) | absorbed | task_notification
PROJECT_NAME: Final = "hookline.project.name"
PROJECT_ID: Final = "hookline.project.id"
WORKTREE: Final = "hookline.vcs.worktree"
CAPTURE_LEVEL: Final = "hookline.capture.level"
OUTCOME: Final = "hookline.outcome"
CLOSED_BY: Final = "hookline.closed_by"
PERMISSION_MODE: Final = "hookline.permission.mode"
PERMISSION_OUTCOME: Final = "hookline.permission.outcome"
EFFORT: Final = "hookline.effort"
WAIT_REASON: Final = "hookline.wait.reason"
TOOL_KIND: Final = "hookline.tool.kind"  # shell | read | edit | search | web | agent | mcp | other
TOOL_RUN_MS: Final = "hookline.tool.run_ms"
TOOL_PROCESS_CPU_MS: Final = "hookline.tool.process_cpu_ms"  # of the agent's children that ended between its request and its end
TOOL_REQUESTED_AT: Final = "hookline.tool.requested_at"
TOOL_INPUT_SIZE: Final = "hookline.tool.input.size"
TOOL_OUTPUT_SIZE: Final = "hookline.tool.output.size"
TOOL_INPUT_HASH: Final = "hookline.tool.input.hash"
TOOL_BACKGROUND: Final = "hookline.tool.background"
MCP_SERVER_NAME: Final = "hookline.mcp.server.name"
COMPACTION_TRIGGER: Final = "hookline.compaction.trigger"
HOOK_EVENT: Final = "hookline.hook.event"
START_SOURCE: Final = "hookline.session.start_source"
END_REASON: Final = "hookline.session.end_reason"
NOTIFICATION_TYPE: Final = "hookline.notification.type"
FIVE_HOUR_PERCENT: Final = "hookline.limits.five_hour.used_percent"
FIVE_HOUR_RESETS_AT: Final = "hookline.limits.five_hour.resets_at"
SEVEN_DAY_PERCENT: Final = "hookline.limits.seven_day.used_percent"
SEVEN_DAY_RESETS_AT: Final = "hookline.limits.seven_day.resets_at"
CONTEXT_PERCENT: Final = "hookline.context.used_percent"
CONTEXT_SIZE: Final = "hookline.context.size"
COST_USD: Final = "hookline.cost.usd"
LIMITS_PREFIX: Final = "hookline.limits."
ACCOUNT: Final = "hookline.account"
REQUEST_ID: Final = "hookline.request.id"
USAGE_UNCACHED_INPUT: Final = "hookline.usage.uncached_input_tokens"
USAGE_CACHE_CREATION_5M: Final = "hookline.usage.cache_creation_5m"
USAGE_CACHE_CREATION_1H: Final = "hookline.usage.cache_creation_1h"
USAGE_SIDECHAIN: Final = "hookline.usage.sidechain"
SIGNAL_SOURCE: Final = "hookline.source"  # hook | transcript | process | statusline | relay
EVIDENCE: Final = "hookline.evidence"  # how the end of a span is known: observed | derived | inferred
EVIDENCE_SOURCE: Final = "hookline.evidence.source"  # who showed it: hook | transcript | process | native | rule
EVIDENCE_START: Final = "hookline.evidence.start"  # the same of its beginning, where that was not observed
EVIDENCE_AGENT: Final = "hookline.evidence.agent"  # the same of whose a call is, where neither a hook nor a file says it
WAIT_ID: Final = "hookline.wait.id"  # names one wait, the same on question and answer
INTERACTIVE: Final = "hookline.session.interactive"  # whether a person sits at the session
ENTRYPOINT: Final = "hookline.session.entrypoint"  # how the client was started: cli, sdk-cli, ...
BACKGROUND_ID: Final = "hookline.background.id"
BACKGROUND_TYPE: Final = "hookline.background.type"  # shell | subagent | monitor | ...
BACKGROUND_RUNNING: Final = "hookline.background.running"  # ids of what goes on after a turn's end
DURATION_MS: Final = "duration_ms"  # of a record that tells of an end: how long what ended took

# Metrics (durations in seconds)
METRIC_TOOL_DURATION: Final = "hookline.tool.duration"
METRIC_TOOL_CALLS: Final = "hookline.tool.calls"
METRIC_PROMPTS: Final = "hookline.prompts"
METRIC_PERMISSION_WAIT: Final = "hookline.permission.wait.duration"
METRIC_HOOK_DURATION: Final = "hookline.hook.duration"
METRIC_SPOOL_FILES: Final = "hookline.spool.files"
METRIC_SPOOL_BYTES: Final = "hookline.spool.size"
METRIC_SPOOL_DROPPED: Final = "hookline.spool.dropped"
METRIC_PRESSURE: Final = "hookline.system.pressure"
METRIC_PROCESS_CPU_TIME: Final = "process.cpu.time"
METRIC_PROCESS_CPU_UTILIZATION: Final = "process.cpu.utilization"
METRIC_PROCESS_MEMORY: Final = "process.memory.usage"
METRIC_PROCESS_DISK_IO: Final = "process.disk.io"
METRIC_PROCESS_THREADS: Final = "process.thread.count"
METRIC_SYSTEM_CPU_UTILIZATION: Final = "system.cpu.utilization"
METRIC_SYSTEM_MEMORY: Final = "system.memory.usage"
METRIC_SYSTEM_MEMORY_UTILIZATION: Final = "system.memory.utilization"

# Attributes of metrics' points
CPU_MODE: Final = "cpu.mode"
DISK_IO_DIRECTION: Final = "disk.io.direction"
SYSTEM_MEMORY_STATE: Final = "system.memory.state"
PRESSURE_RESOURCE: Final = "hookline.resource"
COLLECTOR_SIGNAL: Final = "hookline.signal"  # of the collector's own metrics
COLLECTOR_REASON: Final = "hookline.reason"
COLLECTOR_METRIC_PREFIX: Final = "hookline.collector."
