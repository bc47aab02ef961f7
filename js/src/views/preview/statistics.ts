import { count } from "../../data/format.ts";
import { withUnit } from "../../data/line-words.ts";
import type { Statistics } from "../../data/protocol.ts";

/** The facts of the footer; null = not known yet. */
export function statisticsFacts(
  statistics: Statistics | undefined,
  unit = "",
): (readonly [label: string, value: string | null])[] {
  return [
    ["min", statistics ? withUnit(statistics.minimum, unit) : null],
    ["max", statistics ? withUnit(statistics.maximum, unit) : null],
    ["mean", statistics ? withUnit(statistics.mean, unit) : null],
    ["NaN", statistics ? count(statistics.nan) : null],
  ];
}
