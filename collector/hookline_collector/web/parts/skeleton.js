import { html } from "../vendor/preact.js";

/**
 * Stands where something will be, and claims nothing.
 * @param {{lines?: number, height?: number}} props
 */
export function Skeleton({ lines = 3, height }) {
  if (height) return html`<div class="skeleton block" style=${{ height: `${height}px` }} aria-hidden="true"></div>`;
  return html`<div class="skeleton" aria-hidden="true">${Array.from({ length: lines }, (_, place) => html`<i key=${place}></i>`)}</div>`;
}

/** A page before its module is here. */
export function PageSkeleton() {
  return html`<div aria-busy="true"><span class="unseen" role="status">Loading</span><${Skeleton} height=${96} /><${Skeleton} height=${240} /></div>`;
}
