import { cleanup, fireEvent, render, screen, within } from "@testing-library/preact";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  fakeCanvas,
  type Harness,
  layOut,
  makeHarness,
  mockCard,
  mockChoice,
  pass,
} from "../../../dev/preview-harness.ts";
import { RequestError } from "../../data/failure.ts";
import type { GetPreview, TablePreview } from "../../data/protocol.ts";
import { PreviewPanel } from "./index.ts";

const UNITS = mockCard([mockChoice("table", "0:100", "Table")], {
  path: "/units",
  name: "units",
  kind: "group",
  shape: null,
});

function page(
  offset: number,
  rows: number,
  total = 1_000_000,
  change: Partial<TablePreview> = {},
): TablePreview {
  return {
    type: "table",
    id: "",
    path: "/units",
    selection: `${offset}:${offset + rows}`,
    columns: [
      { name: "id", dtype: "int64", numeric: true },
      { name: "quality", dtype: "string", numeric: false },
    ],
    total,
    offset,
    rows: Array.from({ length: rows }, (_, index) => [String(offset + index), `good ${offset + index}`]),
    cost: { chunks: 1, total_chunks: 1, bytes: 2000, seconds: 0.1, requests: 1 },
    ...change,
  };
}

let harness: Harness;
const asked = () => harness.last("preview").request as GetPreview;
const grid = () => screen.getByRole("grid", { name: "units" });

async function show(body = page(0, 100), card = UNITS): Promise<void> {
  render(<PreviewPanel ctx={harness.ctx} card={card} />);
  await pass(20);
  await harness.last("preview").answer(body);
  await pass(100);
}

async function scrollTo(top: number): Promise<void> {
  const element = screen.getByRole("grid");
  element.scrollTop = top;
  fireEvent.scroll(element);
  await pass(100);
}

beforeEach(() => {
  vi.useFakeTimers();
  layOut(872, 300);
  fakeCanvas();
  harness = makeHarness();
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

describe("a long table", () => {
  test("mounts few rows, with columns named and numbers at the right", async () => {
    await show();
    expect(within(grid()).getAllByRole("row").length).toBeLessThan(60);
    expect(
      within(grid())
        .getAllByRole("columnheader")
        .map((head) => head.textContent),
    ).toEqual(["idint64", "qualitystring"]);
    expect(within(grid()).getByText("3").className).toContain("lx-num");
    expect(screen.getByText("1,000,000")).toBeTruthy();
    expect(harness.said.at(-1)).toBe("Rows 1\u201312 of 1,000,000");
  });

  test("fetches the rows it is scrolled to, once, and none that were passed", async () => {
    await show();
    for (const top of [1000, 100_000, 1_000_000, 3_000_000]) {
      const element = grid();
      element.scrollTop = top;
      fireEvent.scroll(element);
    }
    await pass(100);
    const first = Number(/Rows ([\d,]+)/.exec(harness.said.at(-1) ?? "")?.[1]?.replaceAll(",", ""));
    const start = Math.floor(first / 100) * 100;
    expect(harness.asked).toHaveLength(2);
    expect(asked()).toMatchObject({ path: "/units", view: "table", selection: `${start}:${start + 100}` });
    expect(within(grid()).queryByText(String(first))).toBeNull();
    await harness.last("preview").answer(page(start, 100));
    expect(within(grid()).getByText(String(first))).toBeTruthy();
    await scrollTo(0);
    expect(within(grid()).getByText("0")).toBeTruthy();
    expect(harness.asked).toHaveLength(2);
  });

  test("stops a page that has gone out of sight", async () => {
    await show();
    await scrollTo(2_000_000);
    await scrollTo(0);
    expect(harness.asked[1]?.stopped).toBe(true);
  });

  test("a page that fails can be tried again", async () => {
    await show();
    await scrollTo(2_000_000);
    await harness
      .last("preview")
      .fail(
        new RequestError({ code: "transfer", message: "The server does not answer", hint: "", details: "" }),
      );
    expect(screen.getByRole("alert")).toBeTruthy();
    fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    await pass(100);
    expect(harness.asked).toHaveLength(3);
  });

  test("a page that costs too much is agreed to once", async () => {
    await show();
    await scrollTo(2_000_000);
    const cost = { chunks: 9, total_chunks: 99, bytes: 24e6, seconds: 2, requests: null };
    await harness.last("preview").answer({
      type: "too_costly",
      id: "",
      path: "/units",
      view: "table",
      selection: "0:1",
      cost,
      limit: 8e6,
      allowed: true,
      offer: "",
      offer_cost: null,
    });
    fireEvent.click(screen.getByRole("button", { name: "Read 24 MB" }));
    await pass(100);
    expect(asked().agreed_bytes).toBe(24e6);
  });

  test("where fewer rows come than were asked for, pages have that size", async () => {
    await show(page(0, 30, 5000));
    await scrollTo(24 * 45);
    expect(asked().selection).toBe("30:60");
  });
});

test("the last page ends where the table ends", async () => {
  await show(page(0, 100, 142));
  await scrollTo(24 * 100);
  expect(asked().selection).toBe("100:142");
});

test("CSV and code take the whole of a table that is not long", async () => {
  await show(page(0, 100, 142));
  fireEvent.click(screen.getByRole("button", { name: "Save CSV" }));
  expect(harness.last("csv").request).toMatchObject({ path: "/units", selection: "0:142" });
  fireEvent.click(screen.getByRole("button", { name: "Copy code" }));
  expect(harness.copied.at(-1)).toContain("[0:142]");
});

test("marked cells are copied with Ctrl C", async () => {
  await show();
  fireEvent.keyDown(grid(), { key: "ArrowRight", shiftKey: true });
  fireEvent.keyDown(grid(), { key: "c", ctrlKey: true });
  expect(harness.copied.at(-1)).toBe("0\tgood 0");
});

describe("an array as a table", () => {
  const card = mockCard([mockChoice("table", "0:100, 0:16", "Table")], { shape: [5000, 384], name: "units" });
  const columns = [0, 1].map((index) => ({ name: String(index), dtype: "int16", numeric: true }));

  test("numbers its rows", async () => {
    await show(page(0, 100, 5000, { selection: "0:100, 0:16", columns }), card);
    const [head] = within(grid()).getAllByRole("columnheader");
    expect(head?.textContent).toBe("index");
    fireEvent.keyDown(grid(), { key: "ArrowRight", shiftKey: true });
    fireEvent.keyDown(grid(), { key: "c", ctrlKey: true });
    expect(harness.copied.at(-1)).toBe("0\t0");
  });

  test("has columns to choose", async () => {
    await show(page(0, 100, 5000, { selection: "0:100, 0:16", columns }), card);
    const field = screen.getByLabelText("Columns");
    fireEvent.input(field, { target: { value: "100-131" } });
    fireEvent.keyDown(field, { key: "Enter" });
    await pass(20);
    expect(asked().selection).toBe("0:100, 100:132");
  });

  test("begins at the samples that were seen as traces", async () => {
    const traces = mockChoice("line", "2510:3510, 0:2", "Traces");
    render(<PreviewPanel ctx={harness.ctx} card={{ ...card, previews: [traces, ...card.previews] }} />);
    await pass(20);
    fireEvent.click(screen.getByRole("radio", { name: "Table" }));
    await pass(20);
    expect(asked()).toMatchObject({ view: "table", selection: "2500:2600, 0:16" });
    await harness.last("preview").answer(page(2500, 100, 5000, { selection: "2500:2600, 0:16", columns }));
    await pass(100);
    expect(within(grid()).getByText("2,510")).toBeTruthy();
    expect(within(grid()).queryByText("2,500")).toBeNull();
  });
});
