// Stands in the place of a plugin of OpenCode, runs it, and notes each stretch in which the client stands still for it: when it began (Unix ms), how
// long it took. Of a call that is until it returns: what it promises then, it does beside the client.
import { appendFileSync } from "node:fs"

const noted = []
const began = () => {
  const [begunMs, begun] = [Date.now(), performance.now()]
  return () => noted.push(`${begunMs} ${performance.now() - begun}\n`)
}
const timed = (call) => (...given) => {
  const ended = began()
  try {
    return call(...given)
  } finally {
    ended()
  }
}

process.on("exit", () => appendFileSync("@TIMES@", noted.join("")))
const loaded = began()
const plugin = await import("@PLUGIN@")
loaded()

export const Hookline = async (input) => {
  const hooks = await timed(plugin.Hookline)(input)
  return Object.fromEntries(Object.entries(hooks).map(([name, hook]) => [name, timed(hook)]))
}
