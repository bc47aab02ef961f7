// What a view needs to be looked at alone in a test: a context whose answers the test gives, a page with a size, and a
// canvas that remembers what was drawn on it.
import { signal } from "@preact/signals";
import { act } from "@testing-library/preact";
import { vi } from "vitest";
import type { RequestError } from "../src/data/failure.ts";
import { localFailure } from "../src/data/failure.ts";
import type {
  AnyResponse,
  ArrayFacts,
  Draft,
  NodeCard,
  PreviewChoice,
  Progress,
  Row,
} from "../src/data/protocol.ts";
import type { RequestOptions, Theme, ViewContext } from "../src/state/context.ts";
import type { Wanted } from "../src/state/selection.ts";
import { blankRow } from "./mock/row.ts";

/** A request that a view has made and the test answers. */
export interface Asked {
  request: Draft;
  /** The view has given it up. */
  stopped: boolean;
  answer: (body: AnyResponse, ...buffers: ArrayBufferView[]) => Promise<void>;
  fail: (error: RequestError) => Promise<void>;
  progress: (progress: Omit<Progress, "type" | "id">) => Promise<void>;
}

export interface Harness {
  ctx: ViewContext & { theme: { value: Theme }; wanted: { value: Wanted | null } };
  /** All requests so far. */
  asked: Asked[];
  /** The last request of an operation; fails where there is none. */
  last: (op: Draft["op"]) => Asked;
  said: string[];
  copied: string[];
  saved: { filename: string; mime: string; data: BlobPart }[];
  selected: string[];
  /** What was told to be shown, with its path. */
  shown: string[];
}

export function makeHarness(): Harness {
  const harness: Omit<Harness, "ctx" | "last"> = {
    asked: [],
    said: [],
    copied: [],
    saved: [],
    selected: [],
    shown: [],
  };
  const ctx = {
    request: (request: Draft, options?: RequestOptions) => ask(harness.asked, request, options),
    edit: () => Promise.resolve(),
    drafts: new Map(),
    select: (path: string) => harness.selected.push(path),
    wanted: signal<Wanted | null>(null),
    show: (path: string, _asked: string, answered: string) => harness.shown.push(`${path} ${answered}`),
    opened: signal(null),
    status: signal(null),
    theme: signal<Theme>("light"),
    say: (words: string) => harness.said.push(words),
    copy: (text: string) => {
      harness.copied.push(text);
      return Promise.resolve();
    },
    save: (filename: string, mime: string, data: BlobPart) => harness.saved.push({ filename, mime, data }),
  } as unknown as Harness["ctx"];
  const last = (op: Draft["op"]) => {
    const found = harness.asked.findLast(({ request }) => request.op === op);
    if (!found) throw new Error(`Nothing has asked for ${op}`);
    return found;
  };
  return { ...harness, ctx, last };
}

function ask(asked: Asked[], request: Draft, options: RequestOptions = {}): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const entry: Asked = {
      request,
      stopped: false,
      answer: (body, ...buffers) =>
        settle(() =>
          resolve({
            body,
            buffers: buffers.map(
              ({ buffer, byteOffset, byteLength }) => new DataView(buffer, byteOffset, byteLength),
            ),
          }),
        ),
      fail: (error) => settle(() => reject(error)),
      progress: (progress) => settle(() => options.onProgress?.({ type: "progress", id: "", ...progress })),
    };
    options.signal?.addEventListener("abort", () => {
      entry.stopped = true;
      reject(localFailure("cancelled", "Cancelled"));
    });
    asked.push(entry);
  });
}

async function settle(change: () => void): Promise<void> {
  await act(async () => {
    change();
    await Promise.resolve();
  });
}

/** Let time pass, with fake timers; views follow every ten milliseconds, as they do on a page. */
export async function pass(milliseconds: number): Promise<void> {
  for (let left = milliseconds; left >= 0; left -= 10) {
    await act(async () => {
      await vi.advanceTimersByTimeAsync(Math.min(left, 10));
    });
  }
}

/** Every element has this size. */
export function layOut(width: number, height: number): void {
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(width);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(height);
}

export interface Drawn {
  /** Pixels put on any canvas, the last one last. */
  images: { width: number; height: number; data: Uint8ClampedArray }[];
  texts: string[];
}

/** A canvas that can be drawn on: jsdom has none. */
export function fakeCanvas(): Drawn {
  const drawn: Drawn = { images: [], texts: [] };
  const createImageData = (width: number, height: number) => ({
    width,
    height,
    data: new Uint8ClampedArray(width * height * 4),
  });
  const known: Record<string, unknown> = {
    createImageData,
    putImageData: (image: Drawn["images"][number]) => drawn.images.push(image),
    fillText: (text: string) => drawn.texts.push(text),
    measureText: (text: string) => ({ width: text.length * 6 }),
  };
  const context = new Proxy(known, { get: (target, name: string) => target[name] ?? (() => undefined) });
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockImplementation((() => context) as never);
  vi.stubGlobal(
    "Path2D",
    class {
      moveTo() {}
      lineTo() {}
      closePath() {}
      rect() {}
      arc() {}
    },
  );
  return drawn;
}

export function mockRow(change: Partial<Row> = {}): Row {
  return blankRow("/acquisition/series/data", {
    kind: "dataset",
    icon: "grid",
    shape: [100_000, 64],
    dtype: "int16",
    stored_bytes: 1e6,
    ...change,
  });
}

export function mockChoice(
  view: PreviewChoice["view"],
  selection: string,
  label: string = view,
): PreviewChoice {
  return {
    view,
    label,
    selection,
    cost: { chunks: 1, total_chunks: 1, bytes: 100, seconds: null, requests: null },
  };
}

export function mockCard(previews: PreviewChoice[], change: Partial<Row> = {}): NodeCard {
  const row = mockRow(change);
  const array: ArrayFacts = {
    shape: row.shape,
    maxshape: row.shape,
    dtype: row.dtype,
    chunks: null,
    filters: [],
    fill_value: "0",
    stored_bytes: row.stored_bytes,
    size_bytes: null,
    fields: [],
  };
  return {
    row,
    in_type: "",
    array: row.kind === "group" ? null : array,
    attributes: [],
    previews,
    value: null,
  };
}
