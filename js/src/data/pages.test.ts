import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { localFailure } from "./failure.ts";
import { Pages } from "./pages.ts";

interface Load {
  offset: number;
  limit: number;
  signal: AbortSignal;
  answer: (rows?: number) => Promise<void>;
  fail: (error: Error) => Promise<void>;
}

function setUp(size = 10, keep = 5) {
  const loads: Load[] = [];
  const onChange = vi.fn();
  const pages = new Pages<string>({
    size,
    keep,
    onChange,
    load: (offset, limit, signal) =>
      new Promise((resolve, reject) => {
        const settle = () => vi.advanceTimersByTimeAsync(0).then(() => undefined);
        loads.push({
          offset,
          limit,
          signal,
          answer: (rows = limit) => {
            resolve(Array.from({ length: rows }, (_, index) => `row ${offset + index}`));
            return settle();
          },
          fail: (error) => {
            reject(error);
            return settle();
          },
        });
      }),
  });
  return { pages, loads, onChange };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("Pages", () => {
  test("fetches the pages in sight, once each", async () => {
    const { pages, loads, onChange } = setUp();
    pages.want(5, 25);
    await vi.runAllTimersAsync();
    expect(loads.map(({ offset }) => offset)).toEqual([0, 10, 20]);
    for (const load of loads) await load.answer();
    expect(pages.row(7)).toBe("row 7");
    expect(pages.row(24)).toBe("row 24");
    expect(pages.row(30)).toBeUndefined();
    expect(onChange).toHaveBeenCalledTimes(3);
    pages.want(6, 26);
    await vi.runAllTimersAsync();
    expect(loads).toHaveLength(3);
  });

  test("pages that are only scrolled past are not read", async () => {
    const { pages, loads } = setUp();
    for (let first = 0; first < 10_000; first += 100) pages.want(first, first + 10);
    await vi.runAllTimersAsync();
    expect(loads.map(({ offset }) => offset)).toEqual([9900]);
  });

  test("a read that has gone out of sight is stopped, and started again when it comes back", async () => {
    const { pages, loads } = setUp();
    pages.want(0, 10);
    await vi.runAllTimersAsync();
    pages.want(500, 510);
    expect(loads[0]?.signal.aborted).toBe(true);
    pages.want(0, 10);
    await vi.runAllTimersAsync();
    expect(loads.map(({ offset }) => offset)).toEqual([0, 0]);
    await loads[0]?.answer();
    expect(pages.row(0)).toBeUndefined();
    await loads[1]?.answer();
    expect(pages.row(0)).toBe("row 0");
  });

  test("keeps few pages, and those in sight for certain", async () => {
    const { pages, loads } = setUp(10, 3);
    for (let page = 0; page < 20; page += 1) {
      pages.want(page * 10, page * 10 + 10);
      await vi.runAllTimersAsync();
      await loads.at(-1)?.answer();
    }
    const kept = Array.from({ length: 20 }, (_, page) => pages.row(page * 10)).filter(Boolean);
    expect(kept).toEqual(["row 170", "row 180", "row 190"]);
  });

  test("a failure stops fetching until it is tried again", async () => {
    const { pages, loads } = setUp();
    pages.want(0, 10);
    await vi.runAllTimersAsync();
    await loads[0]?.fail(localFailure("disconnected", "The connection is gone"));
    expect(pages.error?.message).toBe("The connection is gone");
    pages.want(0, 10);
    await vi.runAllTimersAsync();
    expect(loads).toHaveLength(1);
    pages.retry();
    expect(pages.error).toBeNull();
    await loads[1]?.answer();
    expect(pages.row(3)).toBe("row 3");
  });

  test("after stop nothing is fetched and nothing is taken", async () => {
    const { pages, loads, onChange } = setUp();
    pages.want(0, 10);
    await vi.runAllTimersAsync();
    pages.want(10, 20);
    pages.stop();
    await vi.runAllTimersAsync();
    await loads[0]?.answer();
    expect(loads).toHaveLength(1);
    expect(onChange).not.toHaveBeenCalled();
  });
});
