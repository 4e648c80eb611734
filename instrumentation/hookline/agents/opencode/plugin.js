// Hookline's plugin for OpenCode: keeps what sessions tell as files of the spool, by the rules of hook.sh (docs/hooks.md).
//
// `hookline install opencode` put it here and `hookline uninstall opencode` takes it away. It runs inside the agent, so it never throws and the
// agent never waits for it: an event is taken in at once, and written a moment later by one writer, one after the other. What waits is bounded, and
// what does not fit is counted. Nothing is sent anywhere: texts stay on this machine until the relay has read and redacted them.
//
// Sessions of subagents have a parent; their events are told as their root session's, with the subagent's id. A prompt that is
// typed while another one is worked on is told when its turn begins: with the first answer that belongs to it.
import { constants, existsSync, openSync, closeSync, readFileSync, renameSync, rmSync, utimesSync, writeSync } from "node:fs"
import { appendFile, lstat, mkdir, open, readFile, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises"
import { homedir, hostname, tmpdir } from "node:os"

const DATA = "@DATA@".replace(/^~(?=\/)/, homedir())
const SPOOL = `${DATA}/spool`
const MAX_WAITING = 5000 // events
const MAX_WAITING_CHARS = 32 * 1024 * 1024
const MAX_TEXT = 256 * 1024 // of one text; its size is told
const MAX_KNOWN = 5000 // sessions, messages, calls that are remembered
const MAX_TRIES = 1000
const SURVEY_EVERY = 256 // events between two looks at how full the spool is
const LAST_WORDS_MS = 1000 // how long the agent's end waits for the writer
const EXCLUSIVE = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | (constants.O_NOFOLLOW ?? 0)

const waiting = []
let waitingChars = 0
let overflowed = 0
let number = 0
let taken = 0
let lastMs = 0
let writer = null

const entrypoint = ["run", "serve", "web", "acp", "github"].find((word) => process.argv.slice(1, 4).includes(word)) ?? "tui"
const words = ["agent=opencode", `ppid=${process.pid}`, `host=${hostname()}`, `entrypoint=${entrypoint}`] // each is plain, or it is left out
const firstLine = ["hookline/1", ...words.filter((word) => /^[a-z]+=[A-Za-z0-9._-]+$/.test(word))].join(" ")

// What the agent's ended children have used, as hook.sh tells it.
const children = () => {
  try {
    const stat = readFileSync("/proc/self/stat", "latin1")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return ` children=${process.pid}.${Number(fields[19])}.${Number(fields[13]) + Number(fields[14])}`
  } catch {
    return "" // no Linux
  }
}

const part = (n) => `${SPOOL}/.${process.pid}-${n}`
const event = (n) => `${SPOOL}/${process.pid}-${n}.ev`

// Takes an event in. Times are whole milliseconds; those of one millisecond keep their order by microseconds.
const keep = (payload) => {
  const text = `${firstLine}${children()}\n${JSON.stringify(payload)}`
  if (waiting.length >= MAX_WAITING || waitingChars + text.length > MAX_WAITING_CHARS) {
    overflowed += 1
    return
  }
  lastMs = Math.max(Date.now(), lastMs + 0.001)
  waiting.push({ text, seconds: (lastMs + 0.0005) / 1000 }) // half a microsecond: what is cut off leaves the whole one
  waitingChars += text.length
  writer ??= write().catch(() => {}).finally(() => (writer = null))
}

const write = async () => {
  await null // whoever told the event goes on first
  while (waiting.length || overflowed) {
    if (overflowed) {
      const count = overflowed
      overflowed = 0
      await drop(count)
    }
    const one = waiting[0]
    if (!one) continue
    const isKept = !existsSync(`${SPOOL}/full`) && (await leave(one))
    if (waiting[0] !== one) return // the process ends: the last words were written meanwhile
    waiting.shift()
    waitingChars -= one.text.length
    if (!isKept) await drop(1)
    if (++taken % SURVEY_EVERY === 0) await survey().catch(() => {})
  }
}

// A name is claimed by creating it exclusively, and becomes an event by a rename: nothing is ever overwritten.
const leave = async (one) => {
  if (!existsSync(SPOOL)) await mkdir(SPOOL, { mode: 0o700 }).catch(() => {})
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const n = (one.number = freeNumber())
    let file
    try {
      file = await open(part(n), EXCLUSIVE, 0o600)
      if (!existsSync(event(n))) {
        await file.writeFile(one.text)
        await file.close()
        await utimes(part(n), one.seconds, one.seconds)
        await rename(part(n), event(n))
        return true
      }
    } catch (why) {
      if (why?.code === "EEXIST") continue
      tries = MAX_TRIES
    }
    await file?.close().catch(() => {})
    if (file) await rm(part(n), { force: true }).catch(() => {})
  }
  return false
}

const freeNumber = () => {
  while (existsSync(event(number)) || existsSync(part(number))) number++
  return number++
}

// The process ends: what still waits is written at once.
const finish = () => {
  for (const one of waiting.splice(0)) {
    if (one.number !== undefined && existsSync(event(one.number))) continue
    if (one.number !== undefined) rmSync(part(one.number), { force: true })
    if (!existsSync(`${SPOOL}/full`)) quietly(() => leaveNow(one))
  }
}

const leaveNow = ({ text, seconds }) => {
  const n = freeNumber()
  const file = openSync(part(n), EXCLUSIVE, 0o600)
  try {
    writeSync(file, text)
    closeSync(file)
    utimesSync(part(n), seconds, seconds)
    renameSync(part(n), event(n))
  } catch {
    rmSync(part(n), { force: true })
  }
}

const drop = async (count) => {
  await appendFile(`${SPOOL}/dropped`, ".".repeat(count), { mode: 0o600 }).catch(() => lose(count))
}

// Not even that could be written: bytes in another file system say so, in a folder that is ours and no link, 64 KiB at most.
const lose = async (count) => {
  const limits = await readFile(`${SPOOL}/limits`, "utf8").catch(() => "")
  const name = /^\S+\s+\S+\s+([0-9a-f]+)/.exec(limits)?.[1] ?? "unknown"
  for (const base of [process.env.XDG_RUNTIME_DIR, "/dev/shm", tmpdir(), "/tmp"]) {
    if (!base?.startsWith("/")) continue
    const place = `${base}/hookline-${process.getuid()}`
    try {
      await mkdir(place, { mode: 0o700 }).catch(() => {})
      const folder = await lstat(place)
      const trace = await lstat(`${place}/${name}.lost`).catch(() => null)
      if (!folder.isDirectory() || folder.uid !== process.getuid() || (trace && !trace.isFile())) continue
      if ((trace?.size ?? 0) >= 65536) return
      await appendFile(`${place}/${name}.lost`, ".".repeat(count), { mode: 0o600 })
      return
    } catch {
      continue
    }
  }
}

// Raises or lowers the flag `full` from what lies in the spool, for the time in which no relay does.
const survey = async () => {
  const [bytes, files] = (await readFile(`${SPOOL}/limits`, "utf8").catch(() => "")).split(/\s+/)
  const maxBytes = /^[1-9]\d*$/.test(bytes) ? Number(bytes) : 268435456
  const maxFiles = /^[1-9]\d*$/.test(files) ? Number(files) : 100000
  const names = (await readdir(SPOOL)).filter((name) => name.endsWith(".ev"))
  let size = 0
  for (const name of names) size += (await stat(`${SPOOL}/${name}`).catch(() => null))?.size ?? 0
  if (size >= maxBytes || names.length >= maxFiles) await writeFile(`${SPOOL}/full`, "", { mode: 0o600 })
  else await rm(`${SPOOL}/full`, { force: true })
}

// What is remembered of sessions, messages and calls; the oldest is forgotten first.
const memory = () => {
  const known = new Map()
  return {
    get: (key) => known.get(key),
    has: (key) => known.has(key),
    set: (key, value) => {
      known.set(key, value)
      if (known.size > MAX_KNOWN) known.delete(known.keys().next().value)
      return value
    },
  }
}

const sessions = memory() // id: {root, agent, folder, prompt, ended, isBusy, queue}
const messages = memory() // an answer's id: the prompt's id
const calls = memory() // a call's id: {tool, status}
const questions = memory() // a permission's id: {callID, message}
const folders = new Map()

const storage = () => `${process.env.XDG_DATA_HOME || `${homedir()}/.local/share`}/opencode/opencode.db`

const cut = (text) => (typeof text === "string" && text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text)
const sizeOf = (text) => (typeof text === "string" ? Buffer.byteLength(text) : undefined)

const session = (id) => sessions.get(id) ?? sessions.set(id, { id, root: id, agent: "", prompt: "", ended: "", isTold: false, queue: [] })

const child = (id, parent, agent) => {
  const known = session(id)
  if (known.root === id && parent && parent !== id) known.root = session(parent).root
  if (agent) known.agent = agent
  return known
}

const tell = (name, id, data, folder) => {
  const of = session(id)
  const isSubagents = of.root !== id
  if (folder) folders.set(of.root, folder)
  if (folders.size > MAX_KNOWN) folders.delete(folders.keys().next().value)
  const whose = isSubagents ? { agent_id: id, agent_type: of.agent } : {}
  const common = { hook_event_name: name, session_id: of.root, cwd: folders.get(of.root), transcript_path: storage() }
  keep({ ...common, ...whose, prompt_id: isSubagents ? undefined : of.prompt || undefined, ...data })
}

// A session that this process has not told of goes on from an earlier one; a subagent that is asked again begins again.
const begin = (id, isNew, folder, data = {}) => {
  const of = session(id)
  if (of.isTold) return
  of.isTold = true
  tell("session.created", id, { source: isNew ? "startup" : "continue", ...data }, folder)
}

const submit = (id, prompt, folder) => {
  end(id, folder)
  session(id).prompt = prompt.prompt_id
  tell("chat.message", id, prompt, folder)
}

// A prompt's turn ends once, whatever is told of it later.
const end = (id, folder, name = "session.idle", data = {}) => {
  const of = session(id)
  if (!of.prompt || of.ended === of.prompt) return
  of.ended = of.prompt
  tell(name, id, data, folder)
  if (of.root !== id) of.isTold = false
}

const asked = (input, output, folder) => {
  const message = output?.message ?? {}
  const id = message.sessionID ?? input?.sessionID
  if (!id || !message.id) return
  const of = session(id)
  const texts = (output.parts ?? []).filter((one) => one.type === "text" && !one.synthetic).map((one) => one.text ?? "")
  const text = texts.join("\n")
  const { modelID: model, providerID: provider } = message.model ?? {}
  begin(id, false, folder)
  const prompt = { prompt_id: message.id, prompt: cut(text), prompt_length: text.length, agent: message.agent, model, provider }
  if (of.isBusy && of.prompt && of.ended !== of.prompt) of.queue.push({ ...prompt, prompt_source: "queued" })
  else submit(id, prompt, folder)
}

const answered = (info, folder) => {
  if (info?.role !== "assistant" || !info.id) return
  const of = session(info.sessionID)
  if (!messages.has(info.id)) messages.set(info.id, info.parentID)
  const at = of.queue.findIndex((prompt) => prompt.prompt_id === info.parentID)
  if (at < 0) return
  for (const prompt of of.queue.splice(0, at + 1)) submit(info.sessionID, prompt, folder)
}

const called = (one, folder) => {
  const status = one?.state?.status
  if (one?.type !== "tool" || !["running", "completed", "error"].includes(status)) return
  const known = calls.get(one.callID)
  if (!known || (known.status === "running" && status !== "running")) {
    begin(one.sessionID, false, folder)
    if (!known && status !== "running") call(one, "running", folder) // its beginning was not told
    calls.set(one.callID, { tool: one.tool, status })
    call(one, status, folder)
  }
  const started = one.state.metadata?.sessionId
  if (one.tool !== "task" || !started || status !== "running") return
  child(started, one.sessionID, one.state.input?.subagent_type)
  begin(started, true, folder, { parent_call_id: one.callID })
}

const call = (one, status, folder) => {
  const { input, output, error, metadata, time } = one.state
  const ended = status === "running" ? {} : { output: cut(output), output_size: sizeOf(output ?? error), error: cut(error), exit: metadata?.exit }
  const kept = Object.fromEntries(Object.entries(input ?? {}).map(([key, value]) => [key, cut(value)]))
  const data = { status, tool_name: one.tool, call_id: one.callID, tool_input: kept, start: time?.start, end: time?.end, child_id: metadata?.sessionId }
  tell("message.part.updated", one.sessionID, { prompt_id: promptOf(one), ...data, ...ended, interrupted: metadata?.interrupted }, folder)
}

const promptOf = (one) => {
  const of = session(one.sessionID)
  return of.root === one.sessionID ? messages.get(one.messageID) || of.prompt || undefined : undefined
}

const permission = (name, given, folder) => {
  const id = given.requestID ?? given.permissionID ?? given.id
  const tool = given.tool ?? given // older clients name message and call beside the question
  const about = name === "permission.asked" ? questions.set(id, { callID: tool.callID, messageID: tool.messageID, permission: given.permission ?? given.type }) : questions.get(id)
  if (!about) return
  const data = { tool_name: calls.get(about.callID)?.tool ?? about.permission, call_id: about.callID, reply: given.reply ?? given.response }
  tell(name, given.sessionID, { prompt_id: promptOf({ sessionID: given.sessionID, messageID: about.messageID }), ...data }, folder)
}

const take = ({ type, properties = {} }, folder) => {
  const id = properties.sessionID ?? properties.info?.id
  if (type === "session.created") {
    const { parentID, agent, directory, version } = properties.info
    child(id, parentID, agent)
    if (!parentID) begin(id, true, directory ?? folder, { version }) // a subagent begins with its call, which is told a moment later
  } else if (type === "session.status") {
    if (sessions.has(id)) session(id).isBusy = properties.status?.type !== "idle"
  } else if (type === "message.updated") answered(properties.info, folder)
  else if (type === "message.part.updated") called(properties.part, folder)
  else if (type === "permission.asked" || type === "permission.updated") permission("permission.asked", properties, folder)
  else if (type === "permission.replied") permission("permission.replied", properties, folder)
  else if (type === "session.compacted") tell(type, id, {}, folder)
  else if (type === "session.error" && id) failed(id, properties.error, folder)
  else if (type === "session.idle" && sessions.has(id)) {
    session(id).isBusy = false
    for (const prompt of session(id).queue.splice(0)) submit(id, prompt, folder)
    end(id, folder)
  }
}

const failed = (id, error, folder) => {
  const data = { error_name: error?.name, error: cut(error?.data?.message), status_code: error?.data?.statusCode }
  end(id, folder, "session.error", data)
}

const quietly = (what) => {
  try {
    what()
  } catch {
    // a plugin that throws is the agent's trouble, and an event that is missed is not
  }
}

process.on("exit", () => quietly(finish))

export const Hookline = async ({ directory } = {}) => {
  const disposed = () => {
    for (const [root] of [...folders].filter(([, folder]) => folder === directory)) {
      tell("dispose", root, {})
      folders.delete(root)
      session(root).isTold = false
    }
  }
  return {
    event: async (input) => quietly(() => take(input.event, directory)),
    "chat.message": async (input, output) => quietly(() => asked(input, output, directory)),
    "experimental.session.compacting": async (input) => quietly(() => tell("session.compacting", input.sessionID, {}, directory)),
    dispose: async () => {
      quietly(disposed)
      await Promise.race([writer, new Promise((done) => setTimeout(done, LAST_WORDS_MS).unref?.())])
    },
  }
}
