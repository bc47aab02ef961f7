// The gain of stacked traces, said as the value a scale bar of fixed height stands for: a higher gain is a smaller value.

/** Height of the scale bar in rows of the stack. */
export const BAR_ROWS = 1.5;

const MULTIPLES = [1, 1.5, 2, 3, 5, 7];

/** Round values from which a gain is taken: `MULTIPLES` times powers of ten. */
function roundValue(index: number): number {
  const power = Math.floor(index / MULTIPLES.length);
  const multiple = MULTIPLES[index - power * MULTIPLES.length] ?? 1;
  return Number((multiple * 10 ** power).toPrecision(3));
}

function nearestIndex(value: number): number {
  const power = Math.floor(Math.log10(value));
  let best = power * MULTIPLES.length;
  for (let index = best; index <= best + MULTIPLES.length; index += 1) {
    if (Math.abs(Math.log(roundValue(index) / value)) < Math.abs(Math.log(roundValue(best) / value)))
      best = index;
  }
  return best;
}

/** The next round value: `direction` 1 raises the gain (a smaller value), -1 lowers it. */
export function nextGain(value: number, direction: 1 | -1): number {
  return roundValue(nearestIndex(value) - direction);
}

/** Share of its row that a trace fills at first. */
const FILLED = 0.7;

/** A gain at which traces that usually reach so far to either side nearly fill their rows. */
export function startingGain(reaches: readonly number[]): number {
  const sorted = reaches.filter((reach) => Number.isFinite(reach) && reach > 0).sort((a, b) => a - b);
  const usual = sorted[sorted.length >> 1];
  return usual === undefined ? 1 : roundValue(nearestIndex((usual * 2 * BAR_ROWS) / FILLED));
}

/** Rows per unit of the values. */
export function gainScale(gain: number): number {
  return BAR_ROWS / gain;
}
