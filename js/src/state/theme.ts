// The widget follows the host's theme. The host's own colours are used as far as they can be read.
import { signal } from "@preact/signals";
import { contrast, luminance, parseColour, type Rgb } from "../data/colour.ts";
import type { Theme } from "./context.ts";

/** The least contrast of text. */
const READABLE = 4.5;

/** Darker surfaces than this are dark: half-way between black and white as contrast counts. */
const DARK = 0.18;

/** Follows the host's theme and writes it on the widget's root. */
export class ThemeWatch {
  readonly theme = signal<Theme>("light");
  readonly #root: HTMLElement;
  readonly #observer: MutationObserver;
  readonly #media: MediaQueryList | undefined;

  constructor(root: HTMLElement) {
    this.#root = root;
    this.#observer = new MutationObserver(this.update);
    for (const element of [document.documentElement, document.body]) {
      this.#observer.observe(element, { attributes: true });
    }
    this.#media = globalThis.matchMedia?.("(prefers-color-scheme: dark)");
    this.#media?.addEventListener("change", this.update);
    this.update();
  }

  dispose(): void {
    this.#observer.disconnect();
    this.#media?.removeEventListener("change", this.update);
  }

  /** Look again; also to be called once the root is on the page. */
  readonly update = (): void => {
    const dark = saidDark() ?? looksDark(this.#root);
    this.theme.value = dark ? "dark" : "light";
    this.#root.dataset["lxTheme"] = this.theme.value;
    delete this.#root.dataset["lxContrast"];
    if (!isReadable(this.#root)) this.#root.dataset["lxContrast"] = "own";
  };
}

/** What JupyterLab and VS Code say; null elsewhere. */
function saidDark(): boolean | null {
  const light = document.body.dataset["jpThemeLight"];
  if (light !== undefined) return light === "false";
  const { classList } = document.body;
  if (classList.contains("vscode-dark") || classList.contains("vscode-high-contrast")) return true;
  return classList.contains("vscode-light") ? false : null;
}

/** Whether what lies behind the widget is dark. */
function looksDark(root: HTMLElement): boolean {
  let element = root.parentElement ?? shadowHost(root);
  while (element) {
    const surface = parseColour(getComputedStyle(element).backgroundColor);
    if (surface) return luminance(surface) < DARK;
    element = element.parentElement ?? shadowHost(element);
  }
  return false;
}

/** Some hosts put each widget into a shadow tree of its own. */
function shadowHost(element: Element): Element | null {
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? root.host : null;
}

/** Whether secondary text and the accent stand out from the surface. Where colours cannot be computed, they do. */
function isReadable(root: HTMLElement): boolean {
  const surface = computed(root, "--lx-surface");
  return ["--lx-ink-2", "--lx-accent"].every((name) => {
    const text = computed(root, name);
    return surface === null || text === null || contrast(text, surface) >= READABLE;
  });
}

/** A token as the browser computes it: mixed colours are known only on an element that wears them. */
function computed(root: HTMLElement, token: string): Rgb | null {
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
  probe.hidden = true;
  root.append(probe);
  const colour = parseColour(getComputedStyle(probe).color);
  probe.remove();
  return colour;
}
