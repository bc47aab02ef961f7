// The widget on a plain page, without a kernel: index.html?state=attributes&dark&width=900&host=jupyter
import "../src/styles/index.css";
import { mount } from "../src/views/shell/app.tsx";
import { MockModel } from "./mock/model.ts";
import { STATES, type State } from "./states.ts";
import "../src/styles/words.css";

/** What JupyterLab's own themes set, to look at the widget in its host's colours. */
const JUPYTER: Record<"light" | "dark", Record<string, string>> = {
  light: {
    "--jp-layout-color1": "white",
    "--jp-ui-font-color1": "rgba(0, 0, 0, 0.87)",
    "--jp-border-color2": "#e0e0e0",
    "--jp-brand-color1": "#1976d2",
  },
  dark: {
    "--jp-layout-color1": "#111111",
    "--jp-ui-font-color1": "rgba(255, 255, 255, 1)",
    "--jp-border-color2": "#424242",
    "--jp-brand-color1": "#2196f3",
  },
};

const query = new URLSearchParams(location.search);
const theme = query.has("dark") ? "dark" : "light";
document.body.style.background = theme === "dark" ? "#0b0d0f" : "#ffffff";
if (query.get("host") === "jupyter") {
  document.body.dataset["jpThemeLight"] = String(theme === "light");
  for (const [name, value] of Object.entries(JUPYTER[theme])) document.body.style.setProperty(name, value);
}
const wanted = query.get("state") ?? "home";
const names = wanted === "all" ? Object.keys(STATES) : wanted.split(",");
for (const name of names) await show(name, STATES[name]);
document.body.dataset["ready"] = "true";

async function show(name: string, state: State | undefined): Promise<void> {
  const box = document.createElement("div");
  const width = query.get("width") ?? state?.width;
  if (width) box.style.width = `${width}px`;
  document.body.append(box);
  if (!state) {
    box.textContent = `There is no state “${name}”. There are: ${Object.keys(STATES).join(", ")}.`;
    return;
  }
  const model = new MockModel(state.options);
  mount(model, box);
  await state.act?.(box, model);
}
