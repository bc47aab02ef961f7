// Mounts the widget over a mock for a test, and finds things in it as a user does.
import { configure, fireEvent, waitFor, within } from "@testing-library/preact";
import { userEvent } from "@testing-library/user-event";
import { mount } from "../src/views/shell/app.tsx";
import { MockModel, type MockOptions } from "./mock/model.ts";

// The whole page in every failure hides the sentence that counts.
configure({
  // A machine that is busy is no failure.
  asyncUtilTimeout: 5000,
  getElementError: (message) => new Error(message?.split("\n\nIgnored nodes")[0] ?? "not found"),
});

export interface Mounted {
  model: MockModel;
  /** Element of the host that holds the widget. */
  host: HTMLElement;
  user: ReturnType<typeof userEvent.setup>;
  page: ReturnType<typeof within>;
  unmount: () => void;
}

/** The widget on the page; gone again after the test. Give it `host` to put it into something. */
export function mountMock(options: MockOptions = {}, host = document.createElement("div")): Mounted {
  return mountView(new MockModel(options), host);
}

/** One more view of a model. */
export function mountView(model: MockModel, host = document.createElement("div")): Mounted {
  if (!host.isConnected) document.body.append(host);
  const stop = mount(model, host);
  let mounted = true;
  const unmount = () => {
    if (mounted) stop();
    mounted = false;
  };
  cleanups.push(() => {
    unmount();
    document.body.replaceChildren();
  });
  return { model, host, user: userEvent.setup(), page: within(host), unmount };
}

const cleanups: (() => void)[] = [];

/** To be called after each test. */
export function unmountAll(): void {
  for (const cleanup of cleanups.splice(0)) cleanup();
}

/** What the status line says. */
export function said(page: Mounted["page"]): string {
  return page.getByRole("region", { name: "State" }).textContent ?? "";
}

/** Wait until the status line says something. */
export async function hears(page: Mounted["page"], words: string | RegExp): Promise<void> {
  await waitFor(() => {
    if (!new RegExp(words).test(said(page))) throw new Error(`The status line says: ${said(page)}`);
  });
}

/** Name of the row that keys act on. */
export function activeRow(tree: HTMLElement): string | null {
  const id = tree.getAttribute("aria-activedescendant") ?? "";
  return tree.ownerDocument.getElementById(id)?.getAttribute("aria-label") ?? null;
}

/** Press a key where the focus is. */
export function press(key: string, more: KeyboardEventInit = {}): void {
  fireEvent.keyDown(document.activeElement ?? document.body, { key, ...more });
}
