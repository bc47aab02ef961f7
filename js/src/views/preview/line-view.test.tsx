import { cleanup, fireEvent, render, screen } from "@testing-library/preact";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type Drawn,
  fakeCanvas,
  type Harness,
  layOut,
  makeHarness,
  mockCard,
  mockChoice,
  pass,
} from "../../../dev/preview-harness.ts";
import { RequestError } from "../../data/failure.ts";
import type { GetPreview, LinePreview, TooCostly } from "../../data/protocol.ts";
import { PreviewPanel } from "./index.ts";

const CARD = mockCard([
  mockChoice("line", "0:2000, 0:2", "Traces"),
  mockChoice("table", "0:100, 0:64", "Table"),
]);

function picture(change: Partial<LinePreview> = {}): LinePreview {
  return {
    type: "line",
    id: "",
    path: CARD.row.path,
    selection: "0:2000, 0:2",
    shape: [100_000, 64],
    first: 0,
    last: 2000,
    traces: 2,
    trace_labels: ["0", "1"],
    points: 4,
    samples_per_point: 500,
    x: { label: "time", unit: "s", start: 0, step: 0.001 },
    y: { label: "series", unit: "\u00b5V", start: 0, step: null },
    scaling: "conversion 2.34 \u00d7 10\u207b\u2076",
    statistics: { minimum: "\u2212128.4", maximum: "64.1", mean: "\u22120.3", nan: 0 },
    cost: { chunks: 3, total_chunks: 41_200, bytes: 6.1e6, seconds: 0.8, requests: 3 },
    ...change,
  };
}

const LOW = Float32Array.of(-5, -6, -128.4, -5, -5, -5, -5, -5);
const HIGH = Float32Array.of(5, 6, 5, 5, 5, 5, 64.1, 5);

function refusal(change: Partial<TooCostly> = {}): TooCostly {
  return {
    type: "too_costly",
    id: "",
    path: CARD.row.path,
    view: "line",
    selection: "0:100000, 0:2",
    cost: { chunks: 600, total_chunks: 41_200, bytes: 1.2e9, seconds: 124, requests: null },
    limit: 8e6,
    allowed: true,
    offer: "0:10000, 0:2",
    offer_cost: { chunks: 12, total_chunks: 41_200, bytes: 24e6, seconds: 2.4, requests: null },
    ...change,
  };
}

let harness: Harness;
let drawn: Drawn;

/** The panel with its first picture on the page. */
async function showFirst(body = picture()): Promise<void> {
  render(<PreviewPanel ctx={harness.ctx} card={CARD} />);
  await pass(0);
  await harness.last("preview").answer(body, LOW, HIGH);
  await pass(1);
}

const asked = () => harness.last("preview").request as GetPreview;
const button = (name: string | RegExp) => screen.getByRole("button", { name });
const panel = () => screen.getByRole("region", { name: "Preview" });
const plot = () => screen.getByRole("application", { name: /Plot/ });

async function type(label: string, text: string): Promise<void> {
  const field = screen.getByLabelText(label);
  fireEvent.input(field, { target: { value: text } });
  fireEvent.keyDown(field, { key: "Enter" });
  await pass(0);
}

beforeEach(() => {
  vi.useFakeTimers();
  layOut(872, 300);
  drawn = fakeCanvas();
  harness = makeHarness();
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

describe("the first picture", () => {
  test("is asked for at the width of the plotting area", async () => {
    await showFirst();
    expect(harness.asked).toHaveLength(1);
    expect(asked()).toMatchObject({ view: "line", selection: "0:2000, 0:2", width: 800, agreed_bytes: 0 });
  });

  test("is described in a sentence, with its cost, its statistics and what was applied", async () => {
    await showFirst();
    expect(
      screen.getByRole("img", { name: "2 traces, 0.000 to 1.999 s, values \u2212128.4 to 64.1 \u00b5V" }),
    ).toBeTruthy();
    expect(screen.getByText("Read 3 of 41,200 chunks \u00b7 6.1 MB \u00b7 0.8 s")).toBeTruthy();
    expect(screen.getByText("\u2212128.4 \u00b5V")).toBeTruthy();
    expect(harness.said.at(-1)).toBe(
      "0.000\u20131.999 s shown in full resolution, min/max per pixel \u00b7 conversion 2.34 \u00d7 10\u207b\u2076 applied",
    );
    expect(panel().getAttribute("aria-busy")).toBe("false");
    expect(drawn.texts).toContain("0.0 s");
    expect(drawn.texts).toContain("1");
  });

  test("until it comes, numbers are bars and nothing can be exported", async () => {
    render(<PreviewPanel ctx={harness.ctx} card={CARD} />);
    await pass(0);
    expect(panel().getAttribute("aria-busy")).toBe("true");
    expect(screen.queryByText("0")).toBeNull();
    expect((button("Save CSV") as HTMLButtonElement).disabled).toBe(true);
    expect((screen.getByLabelText("Channels") as HTMLInputElement).value).toBe("0\u20131");
  });

  test("data that are not what they are said to be are not drawn", async () => {
    render(<PreviewPanel ctx={harness.ctx} card={CARD} />);
    await pass(0);
    await harness.last("preview").answer(picture(), Float32Array.of(1, 2, 3));
    expect(screen.getByRole("alert").textContent).toContain("has 12 bytes, not 32");
    expect(screen.queryByRole("img")).toBeNull();
  });
});

describe("looking elsewhere", () => {
  test("waits for the hand to rest, asks once, and stops what is no longer wanted", async () => {
    await showFirst();
    for (let turn = 0; turn < 10; turn += 1) fireEvent.keyDown(plot(), { key: "ArrowRight" });
    await pass(119);
    expect(harness.asked).toHaveLength(1);
    await pass(2);
    expect(harness.asked).toHaveLength(2);
    expect(asked().selection).toBe("5000:7000, 0:2");
    fireEvent.keyDown(plot(), { key: "ArrowLeft" });
    await pass(200);
    expect(harness.asked[1]?.stopped).toBe(true);
    expect(asked().selection).toBe("4500:6500, 0:2");
  });

  test("the old picture stays until the new one is there; a late answer to an old question is ignored", async () => {
    await showFirst();
    fireEvent.keyDown(plot(), { key: "ArrowRight" });
    await pass(200);
    const old = screen.getByRole("img", { name: /^2 traces, 0.000 to 1.999 s/ });
    expect(panel().getAttribute("aria-busy")).toBe("true");
    fireEvent.keyDown(plot(), { key: "ArrowRight" });
    await pass(200);
    await harness.asked[1]?.answer(picture({ first: 500, last: 2500 }), LOW, HIGH);
    expect(screen.getByRole("img")).toBe(old);
    await harness.asked[2]?.answer(
      picture({ first: 1000, last: 3000, selection: "1000:3000, 0:2" }),
      LOW,
      HIGH,
    );
    expect(screen.getByRole("img", { name: /1.000 to 2.999 s/ })).toBeTruthy();
  });

  test("fields: start, window, channels", async () => {
    await showFirst();
    await type("Start in seconds", "12.5");
    await pass(200);
    expect(asked().selection).toBe("12500:14500, 0:2");
    fireEvent.change(screen.getByLabelText("Window length"), { target: { value: "10000" } });
    await pass(200);
    expect(asked().selection).toBe("8500:18500, 0:2");
    await type("Channels", "10-30");
    await pass(200);
    expect(asked().selection).toBe("8500:18500, 10:31");
    await type("Channels", "90");
    expect(screen.getByLabelText("Channels").getAttribute("aria-invalid")).toBe("true");
    fireEvent.keyDown(screen.getByLabelText("Channels"), { key: "Escape" });
    expect((screen.getByLabelText("Channels") as HTMLInputElement).value).toBe("10\u201330");
  });

  test("back returns step by step, the movements of one hand as one", async () => {
    await showFirst();
    await type("Start in seconds", "12.5");
    await pass(200);
    await harness.last("preview").answer(picture({ first: 12_500, last: 14_500 }), LOW, HIGH);
    fireEvent.keyDown(plot(), { key: "ArrowRight" });
    fireEvent.keyDown(plot(), { key: "ArrowRight" });
    await pass(200);
    fireEvent.keyDown(plot(), { key: "Backspace" });
    await pass(200);
    expect(asked().selection).toBe("12500:14500, 0:2");
    fireEvent.keyDown(plot(), { key: "Backspace" });
    await pass(200);
    expect(asked().selection).toBe("0:2000, 0:2");
  });

  test("does not change the gain; other units do", async () => {
    await showFirst();
    fireEvent.click(button("Raise gain"));
    const gain = screen.getByText(/ \u00b5V$/, { selector: ".lx-tools span" }).textContent;
    fireEvent.keyDown(plot(), { key: "ArrowRight" });
    await pass(200);
    await harness.last("preview").answer(
      picture(),
      LOW.map((value) => value * 50),
      HIGH,
    );
    expect(screen.getByText(gain ?? "", { selector: ".lx-tools span" })).toBeTruthy();
    fireEvent.keyDown(plot(), { key: "ArrowRight" });
    await pass(200);
    const milli = { label: "series", unit: "mV", start: 0, step: null };
    await harness.last("preview").answer(
      picture({ y: milli }),
      LOW.map((v) => v / 1000),
      HIGH.map((v) => v / 1000),
    );
    expect(screen.getByText(/^0\.\d+ mV$/, { selector: ".lx-tools span" })).toBeTruthy();
  });

  test("is found again after another view", async () => {
    await showFirst();
    await type("Start in seconds", "12.5");
    await pass(200);
    fireEvent.click(screen.getByRole("radio", { name: "Table" }));
    await pass(0);
    expect(asked().view).toBe("table");
    fireEvent.click(screen.getByRole("radio", { name: "Traces" }));
    await pass(0);
    expect(asked()).toMatchObject({ view: "line", selection: "12500:14500, 0:2" });
  });
});

describe("a read that costs too much", () => {
  async function showRefused(change: Partial<TooCostly> = {}): Promise<void> {
    await showFirst();
    fireEvent.change(screen.getByLabelText("Window length"), { target: { value: "100000" } });
    await pass(200);
    await harness.last("preview").answer(refusal(change));
  }

  test("is not made; the cheap way is offered first, and takes one click", async () => {
    await showRefused();
    expect(screen.getByRole("heading", { name: "This view needs 1.2 GB" })).toBeTruthy();
    expect(screen.queryByRole("img")).toBeNull();
    const names = screen.getAllByRole("button").map((each) => each.textContent);
    const offer = names.indexOf("Show 10 s instead (24 MB)");
    expect(offer).toBeGreaterThanOrEqual(0);
    expect(names.indexOf("Read 1.2 GB")).toBe(offer + 1);
    fireEvent.click(button(/Show 10 s/));
    await pass(200);
    expect(asked()).toMatchObject({ selection: "0:10000, 0:2", agreed_bytes: 0 });
  });

  test("is made when agreed to, and the same cost is not asked about again", async () => {
    await showRefused();
    fireEvent.click(button("Read 1.2 GB"));
    await pass(0);
    expect(asked()).toMatchObject({ selection: "0:100000, 0:2", agreed_bytes: 1.2e9 });
    await harness.last("preview").answer(picture({ last: 100_000, selection: "0:100000, 0:2" }), LOW, HIGH);
    fireEvent.keyDown(plot(), { key: "ArrowUp" });
    await pass(200);
    expect(asked().agreed_bytes).toBe(1.2e9);
  });

  test("cannot be agreed to above the budget", async () => {
    await showRefused({ allowed: false });
    expect(screen.queryByRole("button", { name: /^Read 1/ })).toBeNull();
    expect(button(/Show 10 s/)).toBeTruthy();
  });

  test("leaves no numbers and no exports of another picture on the page", async () => {
    await showRefused();
    expect(screen.queryByText("64.1 \u00b5V")).toBeNull();
    expect((button("Save CSV") as HTMLButtonElement).disabled).toBe(true);
    expect((button("Copy code") as HTMLButtonElement).disabled).toBe(true);
  });
});

describe("a long read", () => {
  test("says how far it is, and can be cancelled after a second", async () => {
    render(<PreviewPanel ctx={harness.ctx} card={CARD} />);
    await pass(290);
    expect(screen.queryByText(/^Reading/)).toBeNull();
    await pass(700);
    expect(screen.getByText(/^Reading/)).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Cancel read" })).toBeNull();
    await pass(100);
    await harness
      .last("preview")
      .progress({ words: "Reading", done: 3, total: 12, bytes: 6.1e6, requests: 4 });
    expect(screen.getByText("Reading \u00b7 3 of 12 \u00b7 6.1 MB")).toBeTruthy();
    expect(screen.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("25");
    fireEvent.click(button("Cancel read"));
    await pass(0);
    expect(harness.last("preview").stopped).toBe(true);
    expect(screen.getByText("The read was cancelled.")).toBeTruthy();
    fireEvent.click(button("Read again"));
    await pass(0);
    expect(harness.asked).toHaveLength(2);
  });
});

test("a failure replaces the content only, and can be tried again", async () => {
  await showFirst();
  fireEvent.keyDown(plot(), { key: "ArrowRight" });
  await pass(200);
  const error = new RequestError({
    code: "transfer",
    message: "The server does not answer",
    hint: "Wait.",
    details: "",
  });
  await harness.last("preview").fail(error);
  expect(screen.getByRole("alert").textContent).toContain("The server does not answer");
  expect(screen.getByRole("radio", { name: "Table" })).toBeTruthy();
  fireEvent.click(button("Try again"));
  await pass(0);
  await harness.last("preview").answer(picture(), LOW, HIGH);
  expect(screen.getByRole("img")).toBeTruthy();
});

describe("taking along", () => {
  test("code", async () => {
    await showFirst();
    fireEvent.click(button("Copy code"));
    await pass(0);
    expect(harness.copied.at(-1)).toContain('explorer.file["/acquisition/series/data"][0:2000, 0:2]');
  });

  test("CSV of what is shown", async () => {
    await showFirst();
    fireEvent.click(button("Save CSV"));
    await pass(0);
    expect(harness.last("csv").request).toMatchObject({ path: CARD.row.path, selection: "0:2000, 0:2" });
    const bytes = new TextEncoder().encode("a,b\n");
    await harness
      .last("csv")
      .answer({ type: "download", id: "", filename: "data.csv", mime: "text/csv" }, bytes);
    expect(harness.saved.map(({ filename, mime }) => [filename, mime])).toEqual([["data.csv", "text/csv"]]);
  });

  test("PNG, named after the node", async () => {
    vi.spyOn(HTMLCanvasElement.prototype, "toBlob").mockImplementation((take) => take(new Blob(["png"])));
    await showFirst();
    fireEvent.click(button("Save PNG"));
    await pass(10);
    expect(harness.saved.map(({ filename, mime }) => [filename, mime])).toEqual([
      ["series_data.png", "image/png"],
    ]);
  });

  test("a CSV that takes too long is cancelled, one that fails says why", async () => {
    await showFirst();
    fireEvent.click(button("Save CSV"));
    fireEvent.click(button("Cancel CSV"));
    await pass(0);
    expect(harness.last("csv").stopped).toBe(true);
    fireEvent.click(button("Save CSV"));
    await pass(0);
    await harness.last("csv").fail(
      new RequestError({
        code: "selection",
        message: "Too large for a text",
        hint: "Choose less.",
        details: "",
      }),
    );
    expect(harness.said.at(-1)).toBe("Too large for a text. Choose less.");
    expect(harness.saved).toHaveLength(0);
  });
});

test("another theme draws the same picture anew, without asking for it", async () => {
  await showFirst();
  const before = drawn.texts.length;
  harness.ctx.theme.value = "dark";
  await pass(20);
  expect(drawn.texts.length).toBeGreaterThan(before);
  expect(harness.asked).toHaveLength(1);
});

test("a resize asks anew once it has come to rest; one of a few pixels does not", async () => {
  const watching = new Set<() => void>();
  vi.stubGlobal(
    "ResizeObserver",
    class {
      constructor(changed: () => void) {
        watching.add(changed);
      }
      observe() {
        // the test says when something changes
      }
      disconnect() {
        // nothing is held
      }
    },
  );
  const resize = async (width: number) => {
    layOut(width, 300);
    for (const changed of watching) changed();
    await pass(10);
  };
  await showFirst();
  await resize(875);
  await pass(400);
  expect(harness.asked).toHaveLength(1);
  for (const width of [900, 1000, 1100]) await resize(width);
  expect(harness.asked).toHaveLength(1);
  await pass(400);
  expect(harness.asked).toHaveLength(2);
  expect(asked().width).toBe(1024);
});

test("the unmounted view stops its read", async () => {
  const { unmount } = render(<PreviewPanel ctx={harness.ctx} card={CARD} />);
  await pass(0);
  unmount();
  await pass(50);
  expect(harness.last("preview").stopped).toBe(true);
});
