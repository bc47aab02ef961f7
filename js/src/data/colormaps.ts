// Colours of pictures. Data colours are not UI colours: they do not follow the theme.

/** Seventeen colours from low to high; between them is interpolated. */
const STOPS = {
  viridis:
    "440154 48186a 472d7b 424086 3b528b 33638d 2c728e 26828e 21918c 1fa088 28ae80 3fbc73 5ec962 84d44b addc30 d8e219 fde725",
  cividis:
    "00224e 002e6a 1a386f 32436d 434e6c 535a6d 61656f 6f7073 7d7c78 8c8878 9b9476 aba072 bcae6c cdbb63 dec958 f0d846 fee838",
  magma:
    "000004 0a0822 1d1147 36106b 51127c 6a1c81 832681 9c2e7f b73779 d0416f e75263 f56b5c fc8961 fea772 fec488 fde2a3 fcfdbf",
  grey: "000000 ffffff",
} as const;

export type ColorMap = keyof typeof STOPS;

/** Names as the select lists them, the default first. */
export const COLOR_MAPS: readonly { value: ColorMap; label: string }[] = [
  { value: "viridis", label: "Viridis" },
  { value: "cividis", label: "Cividis" },
  { value: "magma", label: "Magma" },
  { value: "grey", label: "Grey" },
];

/** Red, green, blue of NaN: in none of the maps. */
export const NAN_COLOR: readonly [number, number, number] = [255, 0, 255];

const LEVELS = 256;
const tables = new Map<ColorMap, Uint8ClampedArray>();

/** 256 colours of a map from low to high, three bytes each. */
export function colorTable(map: ColorMap): Uint8ClampedArray {
  const known = tables.get(map);
  if (known) return known;
  const stops = STOPS[map].split(" ").map((hex) => Number.parseInt(hex, 16));
  const table = new Uint8ClampedArray(LEVELS * 3);
  for (let level = 0; level < LEVELS; level += 1) {
    const place = (level / (LEVELS - 1)) * (stops.length - 1);
    const from = Math.min(Math.floor(place), stops.length - 2);
    for (let channel = 0; channel < 3; channel += 1) {
      const [low, high] = [component(stops[from], channel), component(stops[from + 1], channel)];
      table[level * 3 + channel] = low + (high - low) * (place - from);
    }
  }
  tables.set(map, table);
  return table;
}

function component(color = 0, channel: number): number {
  return (color >> (16 - 8 * channel)) & 0xff;
}

/**
 * The pixels (RGBA) of values between `low` and `high`. Values outside take the colour at that end, NaN its own.
 * Where `low` is not below `high`, everything but NaN takes the middle colour.
 */
export function paint(values: Float32Array, low: number, high: number, map: ColorMap): Uint8ClampedArray {
  const table = colorTable(map);
  const pixels = new Uint8ClampedArray(values.length * 4).fill(255);
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? Number.NaN;
    const share = high > low ? (value - low) / (high - low) : 0.5;
    const level = Math.round(Math.max(0, Math.min(1, share)) * (LEVELS - 1)) * 3;
    const missing = Number.isNaN(value);
    pixels[index * 4] = missing ? NAN_COLOR[0] : (table[level] ?? 0);
    pixels[index * 4 + 1] = missing ? NAN_COLOR[1] : (table[level + 1] ?? 0);
    pixels[index * 4 + 2] = missing ? NAN_COLOR[2] : (table[level + 2] ?? 0);
  }
  return pixels;
}

/** The pixels (RGBA) of a picture that has colours of its own: 3 or 4 bytes each. */
export function paintColors(values: Uint8Array, channels: 3 | 4): Uint8ClampedArray {
  if (channels === 4) return new Uint8ClampedArray(values);
  const count = Math.floor(values.length / 3);
  const pixels = new Uint8ClampedArray(count * 4).fill(255);
  for (let index = 0; index < count; index += 1) {
    pixels[index * 4] = values[index * 3] ?? 0;
    pixels[index * 4 + 1] = values[index * 3 + 1] ?? 0;
    pixels[index * 4 + 2] = values[index * 3 + 2] ?? 0;
  }
  return pixels;
}

/** Smallest and largest finite value; null where there is none. */
export function extent(values: Float32Array): [number, number] | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : null;
}
