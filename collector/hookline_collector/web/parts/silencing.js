import { html, useState } from "../vendor/preact.js";
import { useAddress } from "../app/address.js";
import { send, useAnswer } from "../app/api.js";
import { moment } from "../app/format.js";

/** @type {[number, string][]} */
const LENGTHS = [[1800, "30 minutes"], [7200, "2 hours"], [28_800, "8 hours"], [86_400, "1 day"], [604_800, "1 week"]];

/**
 * The form that holds alerts back for a while, and what is held back. The link of a message fills it (`?matcher=...`).
 * @param {{begins?: string[]}} props
 */
export function Silencing({ begins }) {
  const { query } = useAddress();
  const given = begins ?? query.getAll("matcher");
  const [matchers, setMatchers] = useState(given.join("\n"));
  const [length, setLength] = useState(7200);
  const [by, setBy] = useState("");
  const [comment, setComment] = useState("");
  const [said, setSaid] = useState({ state: "", text: "" });
  const { data, problem, again } = useAnswer("/api/v1/silences", {}, { everyMs: 30_000 });
  const attempt = async (/** @type {() => Promise<any>} */ work, /** @type {string} */ done) => {
    try {
      await work();
      setSaid({ state: "good", text: done });
    } catch (why) {
      setSaid({ state: "bad", text: why instanceof Error ? why.message : String(why) });
    }
    again();
  };
  const add = (/** @type {Event} */ event) => {
    event.preventDefault();
    const lines = matchers.split("\n").filter((line) => line.trim());
    void attempt(() => send("POST", "/api/v1/silences", { matchers: lines, duration_s: length, created_by: by, comment }), "Silenced.");
  };
  const value = (/** @type {(text: any) => void} */ set) => (/** @type {any} */ event) => set(event.target.value);
  const silences = data?.silences ?? [];
  return html`
    <section class="card"><header><h2>Hold alerts back for a while</h2></header>
      <form class="body form" onSubmit=${add}>
        <label for="matchers">Which alerts, one matcher a line; all of them must match</label>
        <textarea id="matchers" rows=${Math.max(3, given.length + 1)} spellcheck=${false} placeholder=${'tool="Bash"\nproject=~"shop|till"'} value=${matchers} onInput=${value(setMatchers)}></textarea>
        <div class="beside">
          <span><label for="length">For</label><select id="length" value=${length} onChange=${(/** @type {any} */ event) => setLength(Number(event.target.value))}>${LENGTHS.map(([seconds, words]) => html`<option key=${seconds} value=${seconds}>${words}</option>`)}</select></span>
          <span><label for="by">Who</label><input id="by" autocomplete="username" maxlength="100" value=${by} onInput=${value(setBy)} /></span>
          <span class="wide"><label for="comment">Why</label><input id="comment" maxlength="500" value=${comment} onInput=${value(setComment)} /></span>
        </div>
        <p><button id="add" type="submit">Silence</button> <span id="said" role="status" class=${said.state === "bad" ? "fault" : "note"} data-state=${said.state}>${said.text}</span></p>
      </form>
    </section>
    <section class="card"><header><h2>What is silenced</h2></header>
      <ul class="body rows" id="silences">
        ${silences.map((/** @type {any} */ silence) => html`<li key=${silence.silence_id}><div><code>${silence.matchers.join(", ")}</code><p class="note">${silence.comment}, by ${silence.created_by}, until ${moment(silence.end)}</p></div>
          <button type="button" class="quiet" onClick=${() => attempt(() => send("DELETE", `/api/v1/silences/${encodeURIComponent(silence.silence_id)}`), "It is over.")}>End</button></li>`)}
        ${data && silences.length === 0 && html`<li class="none note">Nothing is silenced.</li>`}
        ${problem && !data && html`<li class="fault">${problem.message}</li>`}
      </ul>
    </section>`;
}
