// The first page: asks /api/v1/summary every two seconds and draws what it says. Nothing is inserted as HTML.

const EVERY_MS = 2000;
const SLOWEST_MS = 30000;
const byId = (id) => document.getElementById(id);

let failures = 0;

async function refresh() {
  try {
    const answer = await fetch("/api/v1/summary?max_age_s=5", { headers: { Accept: "application/json" } });
    if (answer.status === 401) return showHealth("bad", "This page needs its token: open the printed link again");
    if (!answer.ok) throw new Error(String(answer.status));
    draw(await answer.json());
    failures = 0;
  } catch {
    failures += 1;
    showHealth("bad", "The collector does not answer");
  }
}

async function keepRefreshing() {
  if (!document.hidden) await refresh();
  setTimeout(keepRefreshing, Math.min(EVERY_MS * 2 ** Math.min(failures, 5), SLOWEST_MS));
}

function draw(summary) {
  byId("empty").hidden = summary.has_data;
  byId("install-command").textContent = summary.install_command;
  byId("day").textContent = dayName(summary.day, summary.timezone);
  drawTiles(summary.totals);
  replaceRows(byId("tools"), summary.tools.map((tool) => toolRow(tool, summary.tools)), noneRow("No tool call today."));
  replaceRows(byId("running"), summary.running_sessions.map(runningItem), noneItem("No agent at work."));
  replaceRows(byId("projects"), summary.by_project.map((project) => projectItem(project, summary.by_project)), noneItem("No project today."));
  drawHealth(summary);
}

function drawTiles(totals) {
  byId("prompts").textContent = count(totals.prompts);
  byId("prompts-note").textContent = totals.sessions ? plural(totals.sessions, "session") : "\u00a0";
  byId("calls").textContent = count(totals.tool_calls);
  byId("calls-note").textContent = totals.prompts ? `${(totals.tool_calls / totals.prompts).toFixed(1)} a prompt` : "\u00a0";
  byId("failures").textContent = count(totals.failures);
  byId("failures-note").textContent = totals.tool_calls ? `${percent(totals.failures / totals.tool_calls)} of the calls` : "\u00a0";
  byId("failures-tile").classList.toggle("alarming", totals.failures > 0 && totals.failures / totals.tool_calls > 0.1);
  showDuration(byId("waiting"), totals.permission_wait_s);
  byId("waiting-note").textContent = totals.answer_wait_s >= 1 ? `and ${duration(totals.answer_wait_s)} for answers` : "\u00a0";
  showDuration(byId("agent"), totals.agent_s);
  byId("agent-note").textContent = totals.wall_s ? `in ${duration(totals.wall_s)} of the clock` : "\u00a0";
}

function toolRow(tool, all) {
  const cells = [
    cell(tool.tool, ""),
    cell(count(tool.tool_calls), "n"),
    cell(count(tool.failures), tool.failures ? "n failed" : "n zero"),
    rangeCell(tool, all),
    cell(short(tool.p50_s), "n"),
    cell(short(tool.p95_s), "n"),
    cell(short(tool.p99_s), "n"),
  ];
  cells[0].title = tool.tool;
  return element("tr", "", ...cells);
}

// Durations span five orders of magnitude, so the bars are logarithmic, from a millisecond to the slowest p99.
function rangeCell(tool, all) {
  const top = Math.max(0.1, ...all.map((other) => other.p99_s ?? 0));
  const share = (seconds) => Math.max(0.02, Math.log(Math.max(seconds, 0.001) / 0.001) / Math.log(top / 0.001));
  const bar = element("div", "bar");
  for (const name of ["p99", "p95", "p50"]) {
    const seconds = tool[`${name}_s`];
    if (seconds !== null) bar.append(sized(name, share(seconds)));
  }
  return element("td", "range", bar);
}

function runningItem(session) {
  const lasted = element("span", "", duration(session.in_state_s));
  lasted.dataset.began = String(performance.now() / 1000 - session.in_state_s);
  const head = element("div", "line", element("b", "", session.project || "no project"), lasted);
  const failed = session.turn_error_type && session.state === "waiting" ? `API error: ${session.turn_error_type}` : "";
  const words = [session.activity, failed, session.branch].filter(Boolean).join(" · ");
  const item = element("li", "", head, element("div", session.state === "waiting" ? "sub waiting" : "sub", words));
  item.title = session.session_id;
  return item;
}

// Time goes on between two answers.
function tick() {
  for (const shown of byId("running").querySelectorAll("[data-began]")) shown.textContent = duration(performance.now() / 1000 - Number(shown.dataset.began));
}

function projectItem(project, all) {
  const top = Math.max(1, ...all.map((other) => other.agent_s));
  const bar = element("div", "bar", sized("p50", project.agent_s / top));
  const head = element("div", "line", element("b", "", project.key || "no project"), element("span", "", duration(project.agent_s)));
  const notes = [plural(project.prompts, "prompt"), plural(project.tool_calls, "tool call")].join(" · ");
  return element("li", "", head, element("div", "sub", notes), bar);
}

function drawHealth(summary) {
  const [state, text] = summary.problems.length ? ["warn", summary.problems[0]] : ["good", "All parts work"];
  showHealth(state, text);
  byId("version").textContent = `Hookline ${summary.version}`;
  byId("disk").textContent = `Disk: ${bytes(summary.disk_free_bytes)} of ${bytes(summary.disk_total_bytes)} free`;
  byId("updated").textContent = `Updated ${new Date(summary.now).toLocaleTimeString([], { hour12: false })}`;
}

function showHealth(state, text) {
  byId("health").dataset.state = state;
  byId("health-text").textContent = text;
}

function element(tag, className, ...content) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...content.filter((part) => part !== ""));
  return made;
}

function sized(className, share) {
  const made = element("i", className);
  made.style.width = `${Math.min(100, share * 100).toFixed(1)}%`;
  return made;
}

const cell = (text, className) => element("td", className, text);
const noneItem = (text) => element("li", "none", text);

function noneRow(text) {
  const only = cell(text, "");
  only.colSpan = 7;
  return element("tr", "none", only);
}

function replaceRows(parent, rows, none) {
  parent.replaceChildren(...(rows.length ? rows : [none]));
}

// A duration in two units at most, the units smaller than the numbers.
function showDuration(target, seconds) {
  const parts = durationParts(seconds).flatMap(([number, unit]) => [String(number), element("small", "", unit)]);
  target.replaceChildren(...parts);
}

function durationParts(seconds) {
  const whole = Math.round(seconds);
  if (seconds > 0 && seconds < 0.95) return [[Math.round(seconds * 1000), "ms"]];
  if (seconds > 0 && seconds < 10) return [[seconds.toFixed(1), "s"]];
  if (whole < 60) return [[whole, "s"]];
  if (whole < 3600) return [[Math.floor(whole / 60), "m"], [whole % 60, "s"]];
  return [[Math.floor(whole / 3600), "h"], [Math.floor((whole % 3600) / 60), "m"]];
}

const duration = (seconds) => durationParts(Math.max(0, seconds)).map(([number, unit]) => `${number} ${unit}`).join(" ");

function short(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 0.9995) return `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
  return seconds < 60 ? `${seconds.toFixed(seconds < 10 ? 2 : 1)} s` : duration(seconds);
}

const bytes = (number) => (number >= 1e9 ? `${(number / 1e9).toFixed(1)} GB` : `${(number / 1e6).toFixed(1)} MB`);
const count = (number) => number.toLocaleString("en");
const percent = (share) => `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
const plural = (number, word) => `${count(number)} ${word}${number === 1 ? "" : "s"}`;

function dayName(day, timezone) {
  const date = new Date(`${day}T12:00:00Z`);
  const name = date.toLocaleDateString("en", { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });
  return timezone ? `${name} · ${timezone}` : name;
}

byId("copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText(byId("install-command").textContent);
  byId("copy").textContent = "Copied";
  setTimeout(() => { byId("copy").textContent = "Copy"; }, 1500);
});
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });

setInterval(tick, 1000);
keepRefreshing();
