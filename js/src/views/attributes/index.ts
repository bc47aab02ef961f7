export { AttributesPanel } from "./attributes.tsx";
export { ValueEditor } from "./value-editor.tsx";
