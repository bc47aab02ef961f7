import { waitFor } from "@testing-library/preact";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { mountMock, mountView, said, unmountAll } from "../../../dev/harness.ts";
import { failure } from "../../../dev/mock/failure.ts";
import type { MockModel, MockOptions } from "../../../dev/mock/model.ts";
import { fakeCanvas, layOut } from "../../../dev/preview-harness.ts";

const SERIES = "/acquisition/ElectricalSeriesLFP/data";
const UNITS = "/units";

beforeEach(() => {
  layOut(900, 400);
  fakeCanvas();
});
afterEach(() => {
  unmountAll();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const asked = (model: MockModel) => model.requests("preview").map(({ selection }) => selection);

// Traits are written, and sentences spoken, with rests between them.
vi.setConfig({ testTimeout: 20_000 });

/** The trait comes to rest at this text. */
function rests(model: MockModel, text: string): Promise<void> {
  return waitFor(() => expect(model.get("selection")).toBe(text), { timeout: 3000 });
}

async function shown(options: MockOptions) {
  const mounted = mountMock({ view: "preview", ...options });
  await waitFor(() => expect(mounted.model.requests("preview").length).toBeGreaterThan(0), { timeout: 3000 });
  return mounted;
}

describe("Python is told", () => {
  test("what a view shows by itself, and what is chosen then", async () => {
    const { model, page, user } = await shown({ selected: SERIES });
    await rests(model, "0:32768, 0:16");
    const channels = page.getByLabelText("Channels");
    await user.clear(channels);
    await user.type(channels, "4-5{Enter}");
    await rests(model, "0:32768, 4:6");
  });

  test("once for each rest, not with everything on the way", async () => {
    const { model, page, user } = await shown({ selected: SERIES });
    await rests(model, "0:32768, 0:16");
    const set = vi.spyOn(model, "set");
    const channels = page.getByLabelText("Channels");
    for (const range of ["1-2", "2-3", "3-4"]) {
      await user.clear(channels);
      await user.type(channels, `${range}{Enter}`);
    }
    await rests(model, "0:32768, 3:5");
    expect(set.mock.calls.filter(([name]) => name === "selection")).toHaveLength(1);
  });

  test("nothing of the object that was left", async () => {
    const { model, page, user } = await shown({ selected: SERIES });
    await rests(model, "0:32768, 0:16");
    await user.click(page.getByRole("treeitem", { name: "units" }));
    expect(model.get("selection")).toBe("");
    await rests(model, "0:100");
  });
});

describe("Python sends the view", () => {
  test("to a part of what is shown, and the trait stays as it was written", async () => {
    const { model } = await shown({ selected: SERIES });
    await rests(model, "0:32768, 0:16");
    model.set("selection", "100:200");
    await waitFor(() => expect(asked(model).at(-1)).toBe("100:200"));
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(model.get("selection")).toBe("100:200");
    expect(asked(model).at(-1)).toBe("100:200");
  });

  test("back to the beginning with an empty text", async () => {
    const { model } = await shown({ selected: SERIES });
    model.set("selection", "100:200, 3");
    await waitFor(() => expect(asked(model).at(-1)).toBe("100:200, 3"));
    model.set("selection", "");
    await waitFor(() => expect(asked(model).at(-1)).toBe("0:32768, 0:16"));
  });

  test("before it is there: at the start, and on another tab", async () => {
    const { model, page, user } = await shown({ selected: SERIES, selection: "7:77, 0:2" });
    expect(asked(model)).toEqual(["7:77, 0:2"]);
    await user.click(page.getByRole("tab", { name: /Attributes/ }));
    model.set("selection", "8:88, 0:2");
    await user.click(page.getByRole("tab", { name: "Preview" }));
    await waitFor(() => expect(asked(model).at(-1)).toBe("8:88, 0:2"));
  });

  test("to another object first: what was remembered of that one does not count", async () => {
    const { model } = await shown({ selected: SERIES });
    await rests(model, "0:32768, 0:16");
    // As Python does it: the selection is emptied with every change of `selected`.
    model.set("selected", UNITS);
    model.set("selection", "");
    model.set("selection", "20:30");
    await waitFor(() => expect(asked(model).at(-1)).toBe("20:30"));
    model.set("selected", SERIES);
    model.set("selection", "");
    await rests(model, "0:32768, 0:16");
  });

  test("to rows of a table, wherever that is", async () => {
    const { model, page } = await shown({ selected: UNITS });
    await rests(model, "0:100");
    model.set("selection", "250:300");
    await page.findByText("250", {}, { timeout: 3000 });
    // The page that came is the page that is shown.
    expect(asked(model)).toEqual(["0:100", "250:300"]);
  });

  test("where there is nothing: a failure with a way back, and the rest of the view stays", async () => {
    const { model, page, user } = await shown({
      selected: SERIES,
      fail: (request) =>
        request.op === "preview" && request.selection === "0:5, 999"
          ? failure("bad-selection", "Index 999 is out of bounds", "It allows 0 to 383.")
          : null,
    });
    await rests(model, "0:32768, 0:16");
    model.set("selection", "0:5, 999");
    const alert = await page.findByRole("alert", {}, { timeout: 3000 });
    expect(alert.textContent).toContain("Index 999 is out of bounds");
    expect(page.getByRole("radio", { name: "Table" })).toBeTruthy();
    expect(page.queryByRole("button", { name: "Save CSV" })).toBeNull();
    expect(page.queryByLabelText("Channels")).toBeNull();
    await waitFor(() => expect(said(page)).not.toContain("shown"), { timeout: 2000 });
    expect(model.get("selection")).toBe("0:5, 999");
    await user.click(page.getByRole("button", { name: "Show the beginning" }));
    await rests(model, "0:32768, 0:16");
    expect(page.queryByRole("alert")).toBeNull();
  });
});

test("two views of one explorer come to rest at the same part", async () => {
  const { model } = await shown({ selected: SERIES });
  await rests(model, "0:32768, 0:16");
  const { page, user } = mountView(model);
  const channels = await page.findByLabelText("Channels");
  await user.clear(channels);
  await user.type(channels, "4-5{Enter}");
  await rests(model, "0:32768, 4:6");
  const before = asked(model).length;
  await new Promise((resolve) => setTimeout(resolve, 900));
  expect(model.get("selection")).toBe("0:32768, 4:6");
  // The other view follows with one read.
  expect(asked(model).length - before).toBeLessThanOrEqual(1);
});
