import { cleanup, fireEvent, render, screen, within } from "@testing-library/preact";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Harness, layOut, makeHarness, mockCard, pass } from "../../../dev/preview-harness.ts";
import { RequestError } from "../../data/failure.ts";
import type { ChunkRow, Storage } from "../../data/protocol.ts";
import { StoragePanel } from "./index.ts";

const CARD = mockCard([], { path: "/a/data" });

function chunk(number: number, change: Partial<ChunkRow> = {}): ChunkRow {
  return {
    index: [Math.floor(number / 4), number % 4],
    place: "source",
    url: "https://example.org/file.nwb",
    offset: 4096 + number * 1000,
    length: 1000,
    ...change,
  };
}

function storage(change: Partial<Storage> = {}): Storage {
  return {
    type: "storage",
    id: "",
    path: "/a/data",
    chunk_shape: [16_384, 96],
    grid: [10_300, 4],
    filters: ["shuffle", "gzip 4"],
    stored_bytes: 83.6e9,
    size_bytes: 129.6e9,
    places: [
      ["missing", 2],
      ["source", 41_196],
      ["staged", 2],
    ],
    offset: 0,
    total: 41_200,
    chunks: [
      chunk(0),
      chunk(1, { place: "missing", url: "", offset: null, length: null }),
      ...Array.from({ length: 198 }, (_, at) => chunk(at + 2)),
    ],
    ...change,
  };
}

let harness: Harness;

async function show(body = storage(), card = CARD): Promise<void> {
  render(<StoragePanel ctx={harness.ctx} card={card} />);
  await pass(20);
  await harness.last("storage").answer(body);
  await pass(20);
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

test("the facts", async () => {
  await show();
  for (const fact of ["16,384 \u00d7 96", "41,200", "shuffle, gzip 4", "83.6 GB of 130 GB", "1.55"]) {
    expect(screen.getByText(fact)).toBeTruthy();
  }
});

test("numbers that are not known yet are bars", async () => {
  render(<StoragePanel ctx={harness.ctx} card={CARD} />);
  await pass(20);
  expect(screen.getByText("Ratio").nextElementSibling?.textContent).toBe("");
});

test("how many chunks live where, in words too and by shape", async () => {
  await show();
  expect(
    screen.getByRole("img", {
      name: "Chunks: 41,196 in source, 2 staged edits, 2 missing, read as fill value",
    }),
  ).toBeTruthy();
  const kinds = [...document.querySelectorAll(".lx-places-bar i")].map((piece) => piece.className);
  expect(new Set(kinds).size).toBe(3);
});

test("every chunk with its place and bytes", async () => {
  await show();
  const grid = screen.getByRole("grid", { name: "Chunks" });
  const [, first, second] = within(grid).getAllByRole("row");
  expect(first?.textContent).toBe("(0, 0)in source1 kB4096\u20135095https://example.org/file.nwb");
  expect(second?.textContent).toBe("(0, 1)missing, read as fill value");
  expect(grid.getAttribute("aria-rowcount")).toBe("41201");
});

test("further chunks are fetched as they come into sight", async () => {
  await show();
  const grid = screen.getByRole("grid", { name: "Chunks" });
  grid.scrollTop = 24 * 30_000;
  fireEvent.scroll(grid);
  await pass(100);
  expect(harness.asked).toHaveLength(2);
  expect(harness.last("storage").request).toMatchObject({ path: "/a/data", offset: 30_000, limit: 200 });
  const chunks = Array.from({ length: 200 }, (_, at) => chunk(30_000 + at));
  await harness.last("storage").answer(storage({ offset: 30_000, chunks }));
  expect(within(grid).getByText("(7500, 0)")).toBeTruthy();
});

test("a dataset without chunks says what is read", async () => {
  await show(storage({ total: 0, chunks: [], places: [], grid: [0] }));
  expect(screen.getByText(/reads as the fill value/)).toBeTruthy();
  expect(screen.queryByRole("grid")).toBeNull();
});

test("a group has none, and nothing is asked", async () => {
  render(<StoragePanel ctx={harness.ctx} card={mockCard([], { kind: "group", shape: null })} />);
  await pass(20);
  expect(screen.getByText(/A group has no bytes of its own/)).toBeTruthy();
  expect(harness.asked).toHaveLength(0);
});

test("a failure can be tried again", async () => {
  render(<StoragePanel ctx={harness.ctx} card={CARD} />);
  await pass(20);
  await harness
    .last("storage")
    .fail(new RequestError({ code: "format", message: "The chunk index is broken", hint: "", details: "" }));
  expect(screen.getByRole("alert").textContent).toContain("The chunk index is broken");
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  await pass(20);
  expect(harness.asked).toHaveLength(2);
});
