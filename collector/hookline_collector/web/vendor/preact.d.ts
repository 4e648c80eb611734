// For the type checker alone: what preact.js is made of.
export * from "preact";
export * from "preact/hooks";
export const html: (strings: TemplateStringsArray, ...values: any[]) => any;
