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
import { colorTable, NAN_COLOR } from "../../data/colormaps.ts";
import type { GetPreview, ImagePreview } from "../../data/protocol.ts";
import { PreviewPanel } from "./index.ts";

const CARD = mockCard([mockChoice("image", "0, 0:512, 0:512", "Image")], {
  icon: "image",
  shape: [168_750, 512, 512],
});

function picture(change: Partial<ImagePreview> = {}): ImagePreview {
  return {
    type: "image",
    id: "",
    path: CARD.row.path,
    selection: "0, 0:512, 0:512",
    shape: [168_750, 512, 512],
    height: 2,
    width: 2,
    rows: 512,
    columns: 512,
    every_row: 256,
    every_column: 256,
    channels: 1,
    low: 0,
    high: 100,
    sliders: [{ dimension: 0, size: 168_750, index: 0 }],
    row_label: "row",
    column_label: "column",
    unit: "",
    scaling: "",
    statistics: { minimum: "0", maximum: "100", mean: "50", nan: 1 },
    cost: { chunks: 1, total_chunks: 10, bytes: 262_000, seconds: 0.1, requests: 1 },
    ...change,
  };
}

const VALUES = Float32Array.of(0, 100, Number.NaN, 500);

let harness: Harness;
let drawn: Drawn;
const asked = () => harness.last("preview").request as GetPreview;
const slider = () => screen.getByRole("slider", { name: "Frame" });
/** Colours of the picture drawn last; the ramp of the colours is one pixel high or wide. */
const pixel = (index: number) => {
  const image = drawn.images.findLast(({ width, height }) => width > 1 && height > 1);
  return [...(image?.data.subarray(index * 4, index * 4 + 3) ?? [])];
};
const color = (map: Parameters<typeof colorTable>[0], level: number) => [
  ...colorTable(map).subarray(level * 3, level * 3 + 3),
];

async function show(body = picture(), values: ArrayBufferView = VALUES, card = CARD): Promise<void> {
  render(<PreviewPanel ctx={harness.ctx} card={card} />);
  await pass(20);
  await harness.last("preview").answer(body, values);
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

describe("colours", () => {
  test("run over the percentiles; values beyond them take the end, NaN its own colour", async () => {
    await show();
    expect(pixel(0)).toEqual(color("viridis", 0));
    expect(pixel(1)).toEqual(color("viridis", 255));
    expect(pixel(2)).toEqual([...NAN_COLOR]);
    expect(pixel(3)).toEqual(color("viridis", 255));
  });

  test("of another map, and over the full range", async () => {
    await show();
    fireEvent.change(screen.getByLabelText("Colour map"), { target: { value: "magma" } });
    expect(pixel(0)).toEqual(color("magma", 0));
    expect(pixel(2)).toEqual([...NAN_COLOR]);
    fireEvent.change(screen.getByLabelText("Range"), { target: { value: "full" } });
    expect(pixel(1)).toEqual(color("magma", 51));
    expect(pixel(3)).toEqual(color("magma", 255));
    expect(screen.getByRole("img", { name: "Colours from 0 to 500" })).toBeTruthy();
  });

  test("mean the same on the next frame, until fitted to it", async () => {
    await show();
    fireEvent.input(slider(), { target: { value: "7" } });
    await pass(100);
    const next = picture({ selection: "7, 0:512, 0:512", low: 0, high: 500 });
    await harness.last("preview").answer(next, VALUES);
    expect(pixel(1)).toEqual(color("viridis", 255));
    fireEvent.click(screen.getByRole("button", { name: "Fit range" }));
    expect(pixel(1)).toEqual(color("viridis", 51));
    expect(screen.queryByRole("button", { name: "Fit range" })).toBeNull();
  });

  test("of a colour picture are its own", async () => {
    const rgb = picture({ channels: 3, selection: "0, 0:512, 0:512, 0:3", shape: [5, 512, 512, 3] });
    await show(rgb, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
    expect(pixel(3)).toEqual([10, 11, 12]);
    expect(screen.queryByLabelText("Colour map")).toBeNull();
  });
});

describe("the slider", () => {
  test("says its number at once; only where it rests is read", async () => {
    await show();
    for (let index = 1; index <= 40; index += 1) {
      fireEvent.input(slider(), { target: { value: String(index * 100) } });
      expect((screen.getByLabelText("Frame number") as HTMLInputElement).value).toBe(
        (index * 100).toLocaleString("en-US"),
      );
      await pass(10);
    }
    expect(harness.asked).toHaveLength(1);
    await pass(100);
    expect(harness.asked).toHaveLength(2);
    expect(asked().selection).toBe("4000, 0:512, 0:512");
  });

  test("takes a typed number, and none that does not exist", async () => {
    await show();
    const field = screen.getByLabelText("Frame number");
    fireEvent.input(field, { target: { value: "168,750" } });
    fireEvent.keyDown(field, { key: "Enter" });
    expect(field.getAttribute("aria-invalid")).toBe("true");
    fireEvent.input(field, { target: { value: "54,209" } });
    fireEvent.keyDown(field, { key: "Enter" });
    await pass(100);
    expect(asked().selection).toBe("54209, 0:512, 0:512");
  });

  test("is there before the first picture, so that nothing moves when it comes", async () => {
    render(<PreviewPanel ctx={harness.ctx} card={CARD} />);
    await pass(20);
    expect(slider()).toBeTruthy();
  });

  test("plays: the next frame is asked for when the last has come", async () => {
    await show();
    fireEvent.click(screen.getByRole("button", { name: "Play" }));
    await pass(400);
    expect(asked().selection).toBe("1, 0:512, 0:512");
    expect(harness.asked).toHaveLength(2);
    await harness.last("preview").answer(picture({ selection: "1, 0:512, 0:512" }), VALUES);
    await pass(400);
    expect(asked().selection).toBe("2, 0:512, 0:512");
    fireEvent.keyDown(slider(), { key: " " });
    expect(screen.getByRole("button", { name: "Play" })).toBeTruthy();
    await harness.last("preview").answer(picture({ selection: "2, 0:512, 0:512" }), VALUES);
    await pass(400);
    expect(harness.asked).toHaveLength(3);
  });
});

test("a thinned picture says so where it is seen", async () => {
  await show();
  expect(
    screen.getByText(/one in 256 rows and columns shown$/, { selector: ".lx-costline span" }),
  ).toBeTruthy();
  expect(harness.said.at(-1)).toContain("one in 256 rows and columns shown");
  expect(
    screen.getByRole("img", {
      name: "Picture of 0, 0:512, 0:512, 512 by 512, values 0 to 100, 1 of them NaN",
    }),
  ).toBeTruthy();
});

test("pictures keep their ratio, matrices fill the room", async () => {
  await show();
  const square = screen.getByRole("img", { name: /^Picture/ }).style;
  expect(square.width).toBe(square.height);
  cleanup();
  const matrix = mockCard([mockChoice("image", "0:4096, 0:16")], { shape: [100_000, 64] });
  const body = picture({
    selection: "0:4096, 0:16",
    shape: [100_000, 64],
    rows: 4096,
    columns: 16,
    sliders: [],
  });
  await show({ ...body, row_label: "sample", column_label: "channel" }, VALUES, matrix);
  const wide = screen.getByRole("img", { name: /^Picture/ }).style;
  expect(Number.parseInt(wide.width, 10)).toBeGreaterThan(700);
  expect(screen.getByText("sample 0\u20134095 downwards, channel 0\u201315 across")).toBeTruthy();
});

test("rows and columns can be chosen", async () => {
  const matrix = mockCard([mockChoice("image", "0:4096, 0:16")], { shape: [100_000, 64] });
  await show(picture({ selection: "0:4096, 0:16", shape: [100_000, 64], sliders: [] }), VALUES, matrix);
  const rows = screen.getByLabelText("Rows");
  fireEvent.input(rows, { target: { value: "5000-5999" } });
  fireEvent.keyDown(rows, { key: "Enter" });
  await pass(100);
  expect(asked().selection).toBe("5000:6000, 0:16");
});
