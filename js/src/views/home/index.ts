export { HomePanel } from "./home.tsx";
