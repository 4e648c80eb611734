// Hookline's plugin for Amp: hands each event to hook.sh, which keeps it as a file. It answers nothing and never throws.
// Made by `hookline install amp`; `hookline uninstall amp` takes it away.
// @i-know-the-amp-plugin-api-is-wip-and-very-experimental-right-now
import { spawn } from 'node:child_process'

const hook = "@HOOK@"
const kept = ['thread', 'id', 'toolUseID', 'tool', 'input', 'status', 'error', 'output', 'message']

export default function (amp: any) {
	const tell = (name: string) => async (event: any) => {
		try {
			const told: Record<string, unknown> = { event: name, cwd: process.cwd() }
			for (const key of kept) {
				if (event?.[key] !== undefined) told[key] = key === 'thread' ? { id: event.thread?.id } : event[key]
			}
			const child = spawn(hook, ['agent=amp', `ppid=${process.pid}`], { stdio: ['pipe', 'ignore', 'ignore'] })
			child.on('error', () => {})
			child.stdin.on('error', () => {})
			child.stdin.end(JSON.stringify(told))
		} catch {}
	}
	for (const name of ['session.start', 'agent.start', 'tool.result', 'agent.end']) amp.on(name, tell(name))
}
