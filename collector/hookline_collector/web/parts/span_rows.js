// Spans as rows of a tree: pure.

/**
 * @typedef {object} SpanRow
 * @property {any} span as `/api/v1/sessions/ID/spans` tells it
 * @property {number} depth
 * @property {number} from in ms
 * @property {number} to
 * @property {boolean} has whether others lie in it
 */

/** @typedef {{span: any, from: number, to: number}} SpanNode a span with its moments in ms, read once */

/**
 * Spans by the one that they lie in; those whose parent is not there lie in none.
 * @param {any[]} spans
 * @returns {Map<string, SpanNode[]>}
 */
export function childrenOf(spans) {
  const there = new Set(spans.map((each) => each.span_id));
  /** @type {Map<string, SpanNode[]>} */
  const found = new Map();
  for (const span of spans) {
    const parent = there.has(span.parent_id) && span.parent_id !== span.span_id ? span.parent_id : "";
    const node = { span, from: Date.parse(span.started), to: Date.parse(span.ended) };
    const among = found.get(parent);
    if (among) among.push(node);
    else found.set(parent, [node]);
  }
  return found;
}

/**
 * The rows of a tree that touch a range, in order; what is closed hides what lies in it.
 * @param {Map<string, SpanNode[]>} tree
 * @param {Set<string>} closed
 * @param {number} from
 * @param {number} to
 * @returns {SpanRow[]}
 */
export function rowsOfTree(tree, closed, from, to) {
  /** @type {SpanRow[]} */
  const rows = [];
  /** @type {{node: SpanNode, depth: number}[]} */
  const waiting = [...(tree.get("") ?? [])].reverse().map((node) => ({ node, depth: 0 }));
  while (waiting.length) {
    const { node, depth } = /** @type {{node: SpanNode, depth: number}} */ (waiting.pop());
    const { span, from: begin, to: end } = node;
    const within = tree.get(span.span_id) ?? [];
    if (end >= from && begin <= to) rows.push({ span, depth, from: begin, to: end, has: within.length > 0 });
    if (!closed.has(span.span_id)) for (let place = within.length - 1; place >= 0; place -= 1) waiting.push({ node: within[place], depth: depth + 1 });
  }
  return rows;
}
