export { PreviewPanel } from "./preview.tsx";
