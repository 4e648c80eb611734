import { html, useEffect, useRef } from "../vendor/preact.js";

const WORDS = "select from where group by order limit having as and or not in is null distinct with union all join left inner on using array final prewhere case when then else end between like ilike interval asc desc offset over partition";
const TYPES = "string uint64 uint32 uint8 int64 int32 float64 datetime datetime64 date bool map tuple nullable lowcardinality";
const FUNCTIONS = "count sum avg min max quantile quantiles uniq any argMax argMin countIf sumIf avgIf toStartOfHour toStartOfDay toStartOfInterval toDate toDateTime now today yesterday dateDiff arrayJoin groupArray round formatReadableSize length if multiIf coalesce concat lower match";

/**
 * An editor of SQL. It stands in a shadow root, whose styles the policy of the content allows. Ctrl Enter runs; Escape, then Tab leaves it.
 * @param {{value: string, schema: Record<string, string[]>, onChange: (text: string) => void, onRun: () => void, label: string}} props
 */
export function SqlEditor({ value, schema, onChange, onRun, label }) {
  const place = useRef(/** @type {HTMLDivElement | null} */ (null));
  const editor = useRef(/** @type {any} */ (null));
  const said = useRef(/** @type {string[]} */ ([])); // what the editor told and has not come back yet: whoever types fast is ahead of it
  const told = (/** @type {string} */ text) => {
    said.current.push(text);
    onChange(text);
  };
  const acts = useRef({ onChange: told, onRun });
  acts.current = { onChange: told, onRun };
  useEffect(() => {
    let gone = false;
    import("../vendor/codemirror.js").then((cm) => {
      if (gone || !place.current) return;
      const root = place.current.shadowRoot ?? place.current.attachShadow({ mode: "open" });
      const language = new cm.Compartment();
      const view = new cm.EditorView({ parent: root, root, state: cm.EditorState.create({ doc: value, extensions: extensions(cm, language, label, acts) }) });
      editor.current = { view, language, cm };
      view.dispatch({ effects: language.reconfigure(sqlOf(cm, schema)) });
    });
    return () => {
      gone = true;
      editor.current?.view.destroy();
      editor.current = null;
    };
  }, []);
  useEffect(() => {
    const made = editor.current;
    if (made) made.view.dispatch({ effects: made.language.reconfigure(sqlOf(made.cm, schema)) });
  }, [schema]);
  useEffect(() => {
    const view = editor.current?.view;
    const place = said.current.lastIndexOf(value);
    if (place >= 0) said.current.splice(0, place + 1);
    else if (view && view.state.doc.toString() !== value) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: value } });
  }, [value]);
  return html`<div class="sql-editor" ref=${place}></div>`;
}

/** @param {any} cm @param {Record<string, string[]>} schema */
function sqlOf(cm, schema) {
  const dialect = cm.SQLDialect.define({ keywords: WORDS, types: TYPES, builtin: FUNCTIONS.toLowerCase(), backslashEscapes: true, identifierQuotes: '`"' });
  const offered = (/** @type {any[]} */ options, /** @type {any} */ context) => {
    const word = context.matchBefore(/[\w.]+/);
    return word && word.to - word.from > 1 && !word.text.includes(".") ? { from: word.from, options } : null;
  };
  const functions = FUNCTIONS.split(" ").map((name) => ({ label: name, type: "function", apply: `${name}(`, boost: -1 }));
  return [cm.sql({ dialect, schema, upperCaseKeywords: true }), dialect.language.data.of({ autocomplete: (/** @type {any} */ context) => offered(functions, context) }),
    dialect.language.data.of({ autocomplete: (/** @type {any} */ context) => offered(columnsOf(context.state.doc.toString(), schema), context) })];
}

/** The columns of the tables that a statement reads from. @param {string} sql @param {Record<string, string[]>} schema */
function columnsOf(sql, schema) {
  const tables = new Set([...sql.matchAll(/\b(?:from|join)\s+`?(\w+)/gi)].map((found) => found[1]));
  return [...tables].flatMap((table) => (schema[table] ?? []).map((name) => ({ label: name, type: "property", detail: table, boost: 1 })));
}

/** @param {any} cm @param {any} language @param {string} label @param {{current: {onChange: (text: string) => void, onRun: () => void}}} acts */
function extensions(cm, language, label, acts) {
  const style = cm.HighlightStyle.define([
    { tag: cm.tags.keyword, color: "var(--you-text)", fontWeight: "550" }, { tag: [cm.tags.string, cm.tags.special(cm.tags.string)], color: "var(--agent-text)" },
    { tag: cm.tags.number, color: "var(--waiting-text)" }, { tag: cm.tags.comment, color: "var(--quiet)", fontStyle: "italic" }, { tag: [cm.tags.standard(cm.tags.name), cm.tags.typeName], color: "color-mix(in srgb, var(--series-1) 80%, var(--text))" },
  ]);
  const look = cm.EditorView.theme({
    "&": { color: "var(--text)", backgroundColor: "transparent", fontSize: "13px", maxHeight: "42vh" }, "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "-1px", borderRadius: "8px" },
    ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6", minHeight: "120px" }, ".cm-content": { caretColor: "var(--text)", padding: "8px 0" }, ".cm-cursor": { borderLeftColor: "var(--text)" },
    ".cm-gutters": { backgroundColor: "transparent", color: "var(--quiet)", border: "0" }, ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--hover) 60%, transparent)" },
    "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--focus) 25%, transparent)" },
    ".cm-tooltip": { backgroundColor: "var(--raised)", border: "1px solid var(--line)", borderRadius: "8px", boxShadow: "0 6px 24px #0003", color: "var(--text)" },
    ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--hover)", color: "var(--text)" }, ".cm-completionDetail": { color: "var(--quiet)" }, ".cm-placeholder": { color: "var(--quiet)" },
  });
  return [
    cm.lineNumbers(), cm.history(), cm.drawSelection(), cm.highlightActiveLine(), cm.bracketMatching(), cm.closeBrackets(), cm.autocompletion(), language.of([]), cm.syntaxHighlighting(style), look,
    cm.EditorView.lineWrapping, cm.EditorView.contentAttributes.of({ "aria-label": label }), cm.placeholder("SELECT …"),
    cm.keymap.of([{ key: "Mod-Enter", run: () => (acts.current.onRun(), true) }, { key: "Tab", run: cm.acceptCompletion }, ...cm.closeBracketsKeymap, ...cm.completionKeymap, ...cm.historyKeymap, ...cm.defaultKeymap]),
    cm.EditorView.updateListener.of((/** @type {any} */ update) => update.docChanged && acts.current.onChange(update.state.doc.toString())),
  ];
}
