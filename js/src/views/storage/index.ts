export { StoragePanel } from "./storage.tsx";
