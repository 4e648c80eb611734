// What sessions do, in words of people.

/** @param {any} session as `/api/v1/live` tells it */
export function doing(session) {
  if (session.state === "waiting") return waits(session);
  if (session.state === "idle") return "rests";
  if (session.state === "ended") return "is over";
  const calls = session.running_calls ?? [];
  if (session.current_tool) return `runs ${session.current_tool}${calls.length > 1 ? ` and ${calls.length - 1} more` : ""}`;
  const subagents = session.subagents ?? [];
  if (subagents.length) return `${subagents.length} ${subagents.length === 1 ? "subagent works" : "subagents work"}`;
  if (session.in_background) return `works in the background: ${[session.background_tasks[0]?.task_type, session.background_tasks[0]?.task_name].filter(Boolean).join(" ")}`;
  return "thinks";
}

/** @type {Record<string, string>} */
const KINDS = { shell: "command", read: "reads", edit: "edits", search: "searches", web: "web", agent: "subagent", mcp: "MCP server" };

/** What a running call does and on which kind of file, as far as that is recorded: `edits .py`. @param {any} call */
export function kindOf(call) {
  return [KINDS[call.tool_kind] ?? "", call.file_extension ? `.${call.file_extension}` : ""].filter(Boolean).join(" ");
}

/** @param {any} session */
function waits(session) {
  const asked = session.waiting_on;
  const whose = asked?.agent_name ? `subagent ${asked.agent_name} ` : "";
  if (session.waiting_for === "permission") return `${whose}waits for your permission${asked?.tool ? `: ${asked.tool}` : ""}`;
  if (session.waiting_for === "answer") return `${whose}waits for your answer`;
  return session.turn_error_type ? `stopped with an error (${session.turn_error_type}); waits for your prompt` : "waits for your prompt";
}

/** Whether somebody is needed at once. @param {any} session */
export function needsYou(session) {
  return session.state === "waiting" && session.waiting_for !== "prompt";
}

/** How urgent it is, the most urgent first. @param {any} session */
export function urgency(session) {
  if (needsYou(session)) return 0;
  if (session.state === "waiting") return 1;
  return session.state === "working" ? 2 : 3;
}

/** @param {any[]} sessions */
export function mostUrgent(sessions) {
  return [...sessions].sort((a, b) => urgency(a) - urgency(b) || Date.parse(a.since) - Date.parse(b.since));
}

/** For how long it has been in its state, in seconds, without what the machine slept. @param {any} session @param {number} now */
export function inState(session, now) {
  return Math.max(0, (now - Date.parse(session.since)) / 1000 - session.asleep_s);
}

/** What to do about it. @param {any} session */
export function whatToDo(session) {
  if (needsYou(session)) return `answer in its terminal${session.host ? ` on ${session.host}` : ""}`;
  return session.state === "waiting" ? "type the next prompt in its terminal" : "";
}

const ENDS = {
  session_end: "ended by itself",
  process_gone: "its process is gone",
  superseded: "another session took its place",
  timed_out: "nothing was heard of it any more",
  history: "known from its transcript",
};

/** @param {any} session a row or a view */
export function endWords(session) {
  return session.end_reason ? ENDS[/** @type {"history"} */ (session.end_reason)] ?? session.end_reason : "goes on";
}
