// Plays OpenCode to its plugin: node opencode_host.mjs PLUGIN EVENTS. Each line of EVENTS is a call of a hook as the real client made it, and when.
import { readFileSync } from "node:fs"
import { pathToFileURL } from "node:url"

const [plugin, events] = process.argv.splice(2)
process.argv.push("run")
const { Hookline } = await import(pathToFileURL(plugin))
const hooks = await Hookline({ directory: "/srv/shop" })

for (const line of readFileSync(events, "utf8").split("\n").filter(Boolean)) {
  const { ms, hook, payload } = JSON.parse(line)
  Date.now = () => ms
  if (hook === "event") await hooks.event({ event: payload })
  else if (hook === "chat.message") await hooks["chat.message"](payload.input, payload.output)
  else if (hook === "dispose") await hooks.dispose()
}
