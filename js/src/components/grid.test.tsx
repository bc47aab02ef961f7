import { cleanup, fireEvent, render, screen, within } from "@testing-library/preact";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { layOut } from "../../dev/preview-harness.ts";
import { Grid } from "./grid.tsx";

const COLUMNS = [
  { name: "id", numeric: true, width: 60 },
  { name: "quality", note: "string", width: 100 },
];

function show(total: number, text = (row: number, column: number): string | undefined => `${row}.${column}`) {
  const onSight = vi.fn();
  const onCopy = vi.fn();
  render(
    <Grid label="units" columns={COLUMNS} total={total} text={text} onSight={onSight} onCopy={onCopy} />,
  );
  const grid = screen.getByRole("grid", { name: "units" });
  const active = () => document.getElementById(grid.getAttribute("aria-activedescendant") ?? "")?.textContent;
  const press = (key: string, more = {}) => fireEvent.keyDown(grid, { key, ...more });
  return { grid, onSight, onCopy, active, press, rows: () => within(grid).getAllByRole("row") };
}

beforeEach(() => layOut(800, 424));
afterEach(cleanup);

describe("a grid of a million rows", () => {
  test("mounts those in sight only, and says how many there are", () => {
    const { grid, rows, onSight } = show(1_000_000);
    expect(rows().length).toBeLessThan(60);
    expect(rows().length).toBeGreaterThan(15);
    expect(grid.getAttribute("aria-rowcount")).toBe("1000001");
    expect(onSight).toHaveBeenLastCalledWith(0, 17);
  });

  test("shows the rows the scroll bar is moved to", () => {
    const { grid, onSight } = show(1_000_000);
    grid.scrollTop = 4_000_000;
    fireEvent.scroll(grid);
    const [first] = onSight.mock.lastCall ?? [];
    expect(first).toBeGreaterThan(450_000);
    expect(first).toBeLessThan(550_000);
    expect(within(grid).getByText(`${first}.0`)).toBeTruthy();
    expect(within(grid).queryByText("0.0")).toBeNull();
  });

  test("keys move the active cell and bring it into sight", () => {
    const { press, active, onSight } = show(1_000_000);
    expect(active()).toBe("0.0");
    press("ArrowDown");
    press("ArrowRight");
    expect(active()).toBe("1.1");
    press("PageDown");
    expect(active()).toBe("16.1");
    press("End");
    expect(active()).toBe("999999.1");
    expect(onSight.mock.lastCall?.[1]).toBe(1_000_000);
    press("Home");
    press("Home");
    expect(active()).toBe("0.0");
  });
});

test("keys that mean nothing to it are left alone, those that do never reach the page", () => {
  const { grid } = show(10);
  const outside = vi.fn();
  document.body.addEventListener("keydown", outside);
  expect(fireEvent.keyDown(grid, { key: "d" })).toBe(true);
  expect(outside).toHaveBeenCalledTimes(1);
  expect(fireEvent.keyDown(grid, { key: "ArrowDown" })).toBe(false);
  expect(outside).toHaveBeenCalledTimes(1);
  document.body.removeEventListener("keydown", outside);
});

test("what is marked is copied", () => {
  const { press, onCopy, grid } = show(10);
  press("ArrowDown", { shiftKey: true });
  press("ArrowRight", { shiftKey: true });
  const marked = within(grid).getAllByRole("gridcell", { selected: true });
  expect(marked.map((cell) => cell.textContent)).toEqual(["0.0", "0.1", "1.0", "1.1"]);
  press("c", { ctrlKey: true });
  expect(onCopy).toHaveBeenLastCalledWith("0.0\t0.1\n1.0\t1.1");
});

test("rows that are not here are bars, and are not copied", () => {
  const { press, onCopy, grid } = show(10, (row, column) => (row < 1 ? `${row}.${column}` : undefined));
  expect(
    within(grid)
      .getAllByRole("gridcell")
      .filter((cell) => cell.textContent === ""),
  ).toHaveLength(18);
  press("ArrowDown", { shiftKey: true });
  press("c", { metaKey: true });
  expect(onCopy).toHaveBeenLastCalledWith(null);
});

test("the mouse marks too", () => {
  const { grid, press, onCopy } = show(10);
  fireEvent.mouseDown(within(grid).getByText("2.0"));
  fireEvent.mouseEnter(within(grid).getByText("3.1"), { buttons: 1 });
  press("c", { ctrlKey: true });
  expect(onCopy).toHaveBeenLastCalledWith("2.0\t2.1\n3.0\t3.1");
});

test("no rows are no trouble", () => {
  const { rows, press } = show(0);
  expect(rows()).toHaveLength(1);
  press("ArrowDown");
  press("End");
  expect(rows()).toHaveLength(1);
});
