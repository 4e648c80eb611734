// For the type checker alone: what codemirror.js is made of.
export * from "@codemirror/autocomplete";
export * from "@codemirror/commands";
export * from "@codemirror/lang-sql";
export * from "@codemirror/language";
export { Compartment, EditorState, type Extension } from "@codemirror/state";
export { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers, placeholder } from "@codemirror/view";
export { tags } from "@lezer/highlight";
