import { afterEach, describe, expect, test, vi } from "vitest";
import { ThemeWatch } from "./theme.ts";

const watches: ThemeWatch[] = [];

function watch(parent: Element | ShadowRoot = document.body): { root: HTMLElement; theme: ThemeWatch } {
  const root = document.createElement("div");
  parent.append(root);
  const theme = new ThemeWatch(root);
  watches.push(theme);
  return { root, theme };
}

afterEach(() => {
  for (const theme of watches.splice(0)) theme.dispose();
  document.body.replaceChildren();
  document.body.removeAttribute("style");
  document.body.removeAttribute("class");
  delete document.body.dataset["jpThemeLight"];
});

describe("dark is chosen", () => {
  test("where JupyterLab says so, whatever the colours", () => {
    document.body.dataset["jpThemeLight"] = "false";
    document.body.style.background = "white";
    const { root, theme } = watch();
    expect(theme.theme.value).toBe("dark");
    expect(root.dataset["lxTheme"]).toBe("dark");
  });

  test("where VS Code says so", () => {
    document.body.className = "vscode-dark";
    expect(watch().theme.theme.value).toBe("dark");
  });

  test("elsewhere by what lies behind the widget", () => {
    document.body.style.background = "rgb(20, 20, 20)";
    expect(watch().theme.theme.value).toBe("dark");
    document.body.style.background = "rgb(250, 250, 250)";
    expect(watch().theme.theme.value).toBe("light");
  });

  test("through the edge of a shadow tree", () => {
    document.body.style.background = "rgb(20, 20, 20)";
    const shadow = document.body.appendChild(document.createElement("div")).attachShadow({ mode: "open" });
    expect(watch(shadow).theme.theme.value).toBe("dark");
  });

  test("and left again when the host changes its theme", async () => {
    document.body.dataset["jpThemeLight"] = "false";
    const { root, theme } = watch();
    document.body.dataset["jpThemeLight"] = "true";
    await Promise.resolve();
    expect(theme.theme.value).toBe("light");
    expect(root.dataset["lxTheme"]).toBe("light");
  });
});

describe("the host's colours", () => {
  /** jsdom mixes no colours: the page computes what the tokens are said to be. */
  const compute = (tokens: Record<string, string>) =>
    vi.spyOn(globalThis, "getComputedStyle").mockImplementation((element) => {
      const { color } = (element as HTMLElement).style;
      return { color: tokens[color] ?? "", backgroundColor: "" } as CSSStyleDeclaration;
    });
  const SURFACE = { "var(--lx-surface)": "rgb(255, 255, 255)", "var(--lx-ink-2)": "color(srgb 0.3 0.3 0.3)" };

  test("are used while they can be read", () => {
    compute({ ...SURFACE, "var(--lx-accent)": "rgb(0, 80, 160)" });
    expect(watch().root.dataset["lxContrast"]).toBeUndefined();
  });

  test("are replaced by our own where text would be too faint", () => {
    compute({ ...SURFACE, "var(--lx-accent)": "rgb(150, 190, 240)" });
    expect(watch().root.dataset["lxContrast"]).toBe("own");
  });
});
