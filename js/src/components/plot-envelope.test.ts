import type uPlot from "uplot";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { envelopePaths } from "./plot-envelope.ts";

/** What was drawn: one list of corners a shape. */
let shapes: [x: number, y: number][][];

beforeEach(() => {
  shapes = [];
  vi.stubGlobal(
    "Path2D",
    class {
      moveTo(x: number, y: number) {
        shapes.push([[x, y]]);
      }
      lineTo(x: number, y: number) {
        shapes.at(-1)?.push([x, y]);
      }
      closePath() {
        // the shape is what its corners are
      }
    },
  );
});

/** One pixel a unit, y downwards from 1000. */
function draw(xs: number[], ys: (number | null)[]) {
  const plot = {
    data: [xs, ys],
    scales: { x: { min: 0, max: 100 }, y: { min: -500, max: 500 } },
    valToPos: (value: number, scale: string) => (scale === "x" ? value : 500 - value),
  } as unknown as uPlot;
  return envelopePaths(plot, 1, 0, xs.length - 1);
}

describe("the envelope", () => {
  test("goes along every highest value and back along every lowest one", () => {
    draw([0, 0, 1, 1, 2, 2], [-5, 5, -300, 7, -6, 400]);
    expect(shapes).toEqual([
      [
        [0, 495],
        [0, 495],
        [1, 493],
        [2, 100],
        [2, 506],
        [1, 800],
        [0, 505],
      ],
    ]);
  });

  test("is never thinner than a line, where values meet", () => {
    draw([0, 0, 1, 1], [10, 10, 10, 10.5]);
    const ys = shapes[0]?.map(([, y]) => y) ?? [];
    expect(Math.max(...ys) - Math.min(...ys)).toBeGreaterThanOrEqual(1);
  });

  test("has a gap where there are no numbers; a point alone can be seen", () => {
    draw([0, 0, 1, 1, 2, 2, 3, 3], [null, null, 1, 2, null, null, 1, 2]);
    expect(shapes).toHaveLength(2);
    for (const shape of shapes) {
      const xs = shape.map(([x]) => x);
      expect(Math.max(...xs) - Math.min(...xs)).toBe(1);
    }
  });

  test("of nothing is nothing", () => {
    draw([], []);
    draw([0, 0], [null, null]);
    expect(shapes).toEqual([]);
  });
});
