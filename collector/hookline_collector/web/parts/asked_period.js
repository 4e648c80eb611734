// The period of a page as the API takes it, and links that keep it.

/** @param {{fromMs: number, toMs: number}} range */
export function periodOf(range) {
  return `${new Date(range.fromMs).toISOString()}..${new Date(range.toMs).toISOString()}`;
}

/** A share of a hundred: `0.4 %`, `41 %`. @param {number | null | undefined} share */
export function hundredth(share) {
  if (share === null || share === undefined) return "–";
  return `${share > 0 && share < 10 ? share.toFixed(1) : Math.round(share)}\u202f%`;
}

/** How many sessions on average: `0.04`, `3.2`, `41`. @param {number | null | undefined} mean */
export function meanOf(mean) {
  if (mean === null || mean === undefined) return "–";
  return mean < 1 ? mean.toFixed(2) : mean < 10 ? mean.toFixed(1) : String(Math.round(mean));
}
