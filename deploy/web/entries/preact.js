// Preact with its hooks, and htm, which reads templates as it does JSX.
import htm from "htm";
import { h } from "preact";

export * from "preact";
export * from "preact/hooks";
export const html = htm.bind(h);
