// How numbers, sizes and times are written, in one place. A number is shown whole or not at all, so nothing here cuts.

const MINUS = "\u2212";
const TIMES = "\u00d7";
const EN_DASH = "\u2013";
const SUPERSCRIPTS = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";

/** A whole number with thousands commas and a true minus: `168,755,200`. */
export function count(value: number | bigint): string {
  const text = (value < 0 ? -value : value).toLocaleString("en-US", { maximumFractionDigits: 0 });
  return value < 0 ? MINUS + text : text;
}

/** `1 change`, `2 changes`. */
export function plural(value: number, noun: string, many = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : many}`;
}

/** A whole number short enough for the tree: as it is up to 999,999, then `168.8M`. */
export function compactCount(value: number): string {
  const size = Math.abs(value);
  if (size < 999_950) return count(value);
  const [unit, letter] = size < 999_950_000 ? [1e6, "M"] : [1e9, "G"];
  return `${number(value / unit, Math.max(3, Math.trunc(Math.log10(size / unit)) + 2))}${letter}`;
}

/** `14,062,934 × 384`; `scalar` for no dimensions, `null` for no dataspace. */
export function shape(dims: readonly number[] | null): string {
  return joinShape(dims, count);
}

/** A shape for the tree: `14.1M × 384`. */
export function compactShape(dims: readonly number[] | null): string {
  return joinShape(dims, compactCount);
}

function joinShape(dims: readonly number[] | null, write: (size: number) => string): string {
  if (dims === null) return "null";
  return dims.length === 0 ? "scalar" : dims.map(write).join(` ${TIMES} `);
}

/** Three significant digits: `412.6` is `413`, `0.000123` is `1.23 × 10⁻⁴`. */
export function number(value: number, digits = 3): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value < 0 ? `${MINUS}inf` : "inf";
  if (value === 0) return "0";
  const sign = value < 0 ? MINUS : "";
  const [mantissa = "", exponentText = "0"] = Math.abs(value)
    .toExponential(digits - 1)
    .split("e");
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < Math.max(6, digits)) {
    return sign + Number(`${mantissa}e${exponent}`).toLocaleString("en-US", { maximumFractionDigits: 20 });
  }
  return `${sign}${Number(mantissa)} ${TIMES} 10${superscript(exponent)}`;
}

function superscript(exponent: number): string {
  const digits = String(Math.abs(exponent)).replace(/\d/g, (digit) => SUPERSCRIPTS[Number(digit)] ?? digit);
  return (exponent < 0 ? "\u207b" : "") + digits;
}

/** SI bytes: `412 kB`, `6.8 MB`, `83.6 GB`. */
export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let size = value;
  let unit = 0;
  // 999.5 would be written 1000 of its unit.
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${number(size)} ${units[unit]}`;
}

/** A time span: `40 ms`, `0.9 s`, `12 s`, `5 min 52 s`, `1 h 33 min 45 s`. */
export function duration(seconds: number): string {
  if (seconds < 0.0995) return `${count(Math.ceil(seconds * 1000))} ms`;
  if (seconds < 10) return `${number(Math.round(seconds * 10) / 10)} s`;
  const whole = Math.round(seconds);
  const parts: [number, string][] = [
    [Math.trunc(whole / 3600), "h"],
    [Math.trunc(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ];
  return parts
    .filter(([size]) => size > 0)
    .map(([size, unit]) => `${count(size)} ${unit}`)
    .join(" ");
}

/** `0–15`; with a minus among them `−3 to 5`, as a dash beside a minus is unreadable. */
export function range(first: string, last: string): string {
  return first.startsWith(MINUS) || last.startsWith(MINUS)
    ? `${first} to ${last}`
    : `${first}${EN_DASH}${last}`;
}

/** `38 %`. */
export function percent(share: number): string {
  return `${number(share * 100)} %`;
}

/** A name as two parts to be cut between: the end tells files apart. */
export function splitName(name: string, tail = 12): [head: string, tail: string] {
  const letters = [...name];
  if (letters.length <= tail * 2) return [name, ""];
  return [letters.slice(0, -tail).join(""), letters.slice(-tail).join("")];
}
