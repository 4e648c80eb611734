import { html, useEffect, useId, useMemo, useRef, useState } from "../vendor/preact.js";
import { go, href, hrefKeeping } from "../app/address.js";
import { useAnswer } from "../app/api.js";
import { ago } from "../app/format.js";
import { ROUTES } from "../app/routes.js";
import { Icon } from "./icon.js";

/** @typedef {{kind: string, title: string, note: string, where: string, icon: string}} Found */

const MOST = 40;

/**
 * Finds pages, projects and sessions. Arrows choose, Enter goes, Escape closes.
 * @param {{close: () => void, live: import("../app/live.js").LiveState}} props
 */
export function Palette({ close }) {
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const box = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const id = useId();
  const { data } = useAnswer("/api/v1/sessions", { days: 30 });
  const all = useMemo(() => everything(data?.sessions ?? []), [data]);
  const found = useMemo(() => matching(all, text), [all, text]);
  useEffect(() => {
    box.current?.showModal();
    box.current?.querySelector("input")?.focus();
  }, []);
  useEffect(() => {
    box.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  const choose = (/** @type {Found | undefined} */ each) => {
    if (!each) return;
    close();
    go(each.where);
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setChosen((chosen + step + found.length) % Math.max(1, found.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      choose(found[chosen]);
    }
  };
  return html`<dialog class="palette" ref=${box} aria-label="Find a page, project or session" onClose=${close} onClick=${(/** @type {MouseEvent} */ event) => event.target === box.current && close()}>
    <div class="palette-box">
      <input type="text" role="combobox" aria-expanded="true" aria-controls=${id} aria-activedescendant=${found.length ? `${id}-${chosen}` : null} aria-label="Find"
        placeholder="Find a page, project or session" autocomplete="off" spellcheck=${false} value=${text} onKeyDown=${onKey}
        onInput=${(/** @type {any} */ event) => {
          setText(event.target.value);
          setChosen(0);
        }} />
      <ul role="listbox" id=${id} aria-label="Found">
        ${found.map((each, place) => html`<li key=${each.where} id=${`${id}-${place}`} role="option" aria-selected=${place === chosen} onMouseMove=${() => setChosen(place)} onClick=${() => choose(each)}>
          <${Icon} name=${each.icon} size=${16} /><span class="found-title">${each.title}</span><span class="found-note">${each.note}</span>
        </li>`)}
        ${found.length === 0 && html`<li class="none" role="option" aria-selected="false" aria-disabled="true">Nothing has such a name. Sessions of the last 30 days are looked through.</li>`}
      </ul>
    </div>
  </dialog>`;
}

/**
 * @param {any[]} sessions
 * @returns {Found[]}
 */
function everything(sessions) {
  const pages = ROUTES.filter((route) => !route.path.includes(":")).map((route) => ({
    kind: "page", title: route.title, note: route.key ? `g ${route.key}` : "", where: hrefKeeping(route.path), icon: route.icon,
  }));
  const charts = ROUTES.filter((route) => route.dashboard).map((route) => ({
    kind: "page", title: `${route.title}: charts`, note: "", where: hrefKeeping(route.path, { view: "charts" }), icon: "chart",
  }));
  const names = [...new Set(sessions.map((session) => session.project).filter(Boolean))];
  const projects = names.map((name) => ({ kind: "project", title: name, note: "project", where: href("/sessions", { project: name }), icon: "work" }));
  const rows = sessions.map((session) => ({
    kind: "session",
    title: `${session.project || "no project"}${session.branch ? ` · ${session.branch}` : ""}`,
    note: `${session.session_id.slice(0, 8)} · ${ago(session.started)}`,
    where: `/sessions/${encodeURIComponent(session.session_id)}`,
    icon: "sessions",
  }));
  return [...pages, ...charts, ...projects, ...rows];
}

/**
 * Everything that has all the words, those that begin with the first one first.
 * @param {Found[]} all
 * @param {string} text
 */
function matching(all, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const hits = all.filter((each) => words.every((word) => `${each.title} ${each.note} ${each.where}`.toLowerCase().includes(word)));
  const first = words[0] ?? "";
  return [...hits.filter((each) => each.title.toLowerCase().startsWith(first)), ...hits.filter((each) => !each.title.toLowerCase().startsWith(first))].slice(0, MOST);
}
