import { describe, expect, test } from "vitest";
import {
  lastTop,
  MAX_SCROLL,
  type Rows,
  rowsInSight,
  scrollHeight,
  scrollOf,
  topAfter,
  topToShow,
} from "./row-window.ts";

const rows = (total: number): Rows => ({ total, rowHeight: 24, viewport: 300 });

describe.each([0, 1, 12, 13, 1000, 1_000_000, 168_755_200])("%i rows", (total) => {
  const list = rows(total);

  test("no element is too high, and few rows are in sight anywhere", () => {
    expect(scrollHeight(list)).toBeLessThanOrEqual(MAX_SCROLL);
    for (const share of [0, 0.3, 0.999, 1]) {
      const { first, last, hidden } = rowsInSight(lastTop(list) * share, list);
      expect(last - first).toBeLessThanOrEqual(Math.ceil(300 / 24) + 1);
      expect(first).toBeGreaterThanOrEqual(0);
      expect(last).toBeLessThanOrEqual(total);
      expect(hidden).toBeGreaterThanOrEqual(0);
      expect(hidden).toBeLessThan(Math.max(24, 1));
    }
  });

  test("the ends of the scroll bar are the ends of the list", () => {
    const end = scrollHeight(list) - list.viewport;
    expect(topAfter(0, { scroll: 500, top: 500 }, list)).toBe(0);
    expect(topAfter(Math.max(0, end), { scroll: 0, top: 0 }, list)).toBe(lastTop(list));
    if (total > 0) expect(rowsInSight(lastTop(list), list).last).toBe(total);
  });

  test("a turn of the wheel moves by as many pixels wherever the list stands", () => {
    const top = Math.floor(lastTop(list) / 2);
    const scroll = scrollOf(top, list);
    const room = scrollHeight(list) - list.viewport;
    if (room < 1000) return;
    expect(topAfter(scroll + 100, { scroll, top }, list)).toBeCloseTo(top + 100, 3);
    expect(topAfter(scroll - 100, { scroll, top }, list)).toBeCloseTo(top - 100, 3);
  });

  test("dragging the scroll bar reaches every part", () => {
    const room = scrollHeight(list) - list.viewport;
    if (room < 10_000) return;
    const top = topAfter(room / 2, { scroll: 0, top: 0 }, list);
    expect(top / lastTop(list)).toBeCloseTo(0.5, 5);
  });

  test("any row can be brought into sight, and one that is there stays where it is", () => {
    for (const row of [0, 5, Math.floor(total / 2), total - 1].filter((row) => row >= 0 && row < total)) {
      const top = topToShow(row, 0, list);
      const { first, last } = rowsInSight(top, list);
      expect(row).toBeGreaterThanOrEqual(first);
      expect(row).toBeLessThan(last);
      expect(topToShow(row, top, list)).toBe(top);
    }
  });
});
