import { cleanup, fireEvent, render, screen, within } from "@testing-library/preact";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Harness, layOut, makeHarness, mockCard, pass } from "../../../dev/preview-harness.ts";
import { MOCK_HOME } from "../../../dev/preview-home.ts";
import { RequestError } from "../../data/failure.ts";
import type { Home } from "../../data/protocol.ts";
import { HomePanel } from "./index.ts";

const ROOT = mockCard([], { path: "/", name: "/", kind: "group" });

let harness: Harness;

async function show(body: Home = MOCK_HOME): Promise<void> {
  render(<HomePanel onBack={() => undefined} ctx={harness.ctx} card={ROOT} />);
  await pass(20);
  await harness.last("home").answer(body);
}

beforeEach(() => {
  vi.useFakeTimers();
  layOut(800, 500);
  harness = makeHarness();
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

test("session and file facts; those about an object lead to it", async () => {
  await show();
  const session = screen.getByRole("region", { name: "Session" });
  expect(within(session).getByText("2024-03-12 15:30:05 +01:00")).toBeTruthy();
  fireEvent.click(within(session).getByRole("button", { name: /M07/ }));
  expect(harness.selected).toEqual(["/general/subject"]);
  expect(
    within(screen.getByRole("region", { name: "File" })).getByText("2.8.0 \u00b7 hdmf-common 1.8.0"),
  ).toBeTruthy();
});

test("contents lead to their objects", async () => {
  await show();
  const table = screen.getByRole("table", { name: "Contents" });
  const row = within(table).getByRole("row", { name: /Processing/ });
  expect(row.textContent).toBe(
    "Processingbehavior (3 series),ophys (segmentation of 218 ROIs, fluorescence)2.5 GB",
  );
  fireEvent.click(within(row).getByRole("button", { name: "ophys" }));
  expect(harness.selected).toEqual(["/processing/ophys"]);
});

test("time bars lead to their objects, say when they have data, and what leaves the axis", async () => {
  await show();
  expect(screen.getByRole("img", { name: "0 s to 1 h 33 min 45 s, in 2 parts" })).toBeTruthy();
  const far = screen.getByText("looks like ms").closest("li");
  expect(far?.className).toContain("lx-align-far");
  const bars = screen.getByRole("region", { name: "Time alignment" });
  fireEvent.click(within(bars).getByRole("button", { name: "wheel_position" }));
  expect(harness.selected).toEqual(["/acquisition/wheel_position"]);
  expect(screen.getByText("30 min")).toBeTruthy();
});

test("a file that is not NWB has only what it has", async () => {
  await show({ ...MOCK_HOME, session: [], timeline: [] });
  expect(screen.queryByText("Session")).toBeNull();
  expect(screen.queryByText("Time alignment")).toBeNull();
  expect(screen.getByText("File")).toBeTruthy();
  expect(screen.getByText("Contents")).toBeTruthy();
});

test("a group of a hundred thousand objects does not make as many links", async () => {
  const items = Array.from({ length: 100_000 }, (_, at) => ({
    name: `object_${at}`,
    path: `/${at}`,
    note: "",
  }));
  await show({ ...MOCK_HOME, contents: [{ label: "Groups", items, stored_bytes: null }] });
  expect(within(screen.getByRole("table")).getAllByRole("button").length).toBeLessThan(100);
  expect(screen.getByText("and 99,936 more")).toBeTruthy();
});

test("a failure can be tried again", async () => {
  render(<HomePanel onBack={() => undefined} ctx={harness.ctx} card={ROOT} />);
  await pass(20);
  await harness
    .last("home")
    .fail(new RequestError({ code: "format", message: "Broken", hint: "", details: "" }));
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  await pass(20);
  await harness.last("home").answer(MOCK_HOME);
  expect(screen.getByText("Time alignment")).toBeTruthy();
});
