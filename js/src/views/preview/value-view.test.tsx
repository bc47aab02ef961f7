import { cleanup, fireEvent, render, screen } from "@testing-library/preact";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  type Harness,
  layOut,
  makeHarness,
  mockCard,
  mockChoice,
  pass,
} from "../../../dev/preview-harness.ts";
import type { Attribute, ValuePreview } from "../../data/protocol.ts";
import { PreviewPanel } from "./index.ts";
import { folded } from "./value-view.tsx";

const CARD = mockCard([mockChoice("value", "", "Value")], {
  path: "/general/session_id",
  shape: [],
  dtype: "utf-8",
});
const value = (change: Partial<ValuePreview> = {}): ValuePreview => ({
  type: "value",
  id: "",
  path: "/general/session_id",
  text: "M07",
  dtype: "utf-8 string",
  truncated: false,
  target: "",
  ...change,
});

let harness: Harness;

async function show(
  body: Parameters<ReturnType<Harness["last"]>["answer"]>[0] = value(),
  card = CARD,
): Promise<void> {
  render(<PreviewPanel ctx={harness.ctx} card={card} />);
  await pass(20);
  await harness.last("preview").answer(body);
}

beforeEach(() => {
  vi.useFakeTimers();
  layOut(872, 300);
  harness = makeHarness();
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

test("a value is shown and copied whole", async () => {
  await show();
  expect(screen.getByText("M07")).toBeTruthy();
  expect(screen.getByText("utf-8 string")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Copy value" }));
  expect(harness.copied).toEqual(["M07"]);
  fireEvent.click(screen.getByRole("button", { name: "Copy code" }));
  expect(harness.copied.at(-1)).toBe('value = explorer.file["/general/session_id"][()]\n');
});

test("long text is folded; what is hidden is counted, and what is missing is said", async () => {
  const text = "word ".repeat(1000);
  await show(value({ text, truncated: true }));
  fireEvent.click(screen.getByRole("button", { name: "Show 3,800 more characters" }));
  expect(document.querySelector("pre")?.textContent).toBe(text);
  fireEvent.click(screen.getByRole("button", { name: "Fold" }));
  expect(document.querySelector("pre")?.textContent).toBe(`${text.slice(0, 1200)}\u2026`);
  expect(screen.getByText(/Only the first part/)).toBeTruthy();
});

test("folding goes by lines too", () => {
  expect(folded(Array.from({ length: 40 }, (_, line) => `line ${line}`).join("\n"))).toMatch(/line 11$/);
  expect(folded("short")).toBe("short");
});

test("a reference leads to its target", async () => {
  await show(value({ text: "/general/devices/probe0", target: "/general/devices/probe0" }));
  fireEvent.click(screen.getByRole("button", { name: "Go to /general/devices/probe0" }));
  expect(harness.selected).toEqual(["/general/devices/probe0"]);
});

test("a value that can be edited has its editor", async () => {
  const attribute = { name: "", type: "utf-8", text: "M07", edit_text: "M07", editable: true } as Attribute;
  const full: Attribute = {
    ...attribute,
    why_not: "",
    mark: "",
    old_text: "",
    change: null,
    target: "",
    finding: "",
    finding_text: "",
  };
  await show(value(), { ...CARD, value: full });
  expect(screen.getByRole("button", { name: "data: M07" })).toBeTruthy();
});

test("nothing to show is said, and asked for as what it is", async () => {
  const empty = mockCard([mockChoice("empty", "", "Empty")], { shape: null });
  await show(
    {
      type: "empty",
      id: "",
      path: "/a",
      words: "The dataset is empty: one of its dimensions has length 0.",
    },
    empty,
  );
  expect(harness.last("preview").request).toMatchObject({ view: "empty" });
  expect(screen.getByText("The dataset is empty: one of its dimensions has length 0.")).toBeTruthy();
});

test("nodes without a view say what to do", () => {
  render(<PreviewPanel ctx={harness.ctx} card={mockCard([], { kind: "group", shape: null, children: 3 })} />);
  expect(screen.getByText(/select what is inside/)).toBeTruthy();
  cleanup();
  render(<PreviewPanel ctx={harness.ctx} card={mockCard([], { kind: "group", shape: null })} />);
  expect(screen.getByText("This group is empty.")).toBeTruthy();
  cleanup();
  const broken = mockCard([], { kind: "broken", problem: "The link leads to /gone, which does not exist." });
  render(<PreviewPanel ctx={harness.ctx} card={broken} />);
  expect(screen.getByText("The link leads to /gone, which does not exist.")).toBeTruthy();
  expect(harness.asked).toHaveLength(0);
});
