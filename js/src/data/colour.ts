// Colours as the browser computes them, for contrast.

export type Rgb = readonly [red: number, green: number, blue: number];

/** Parse `rgb(…)`, `rgba(…)` or `color(srgb …)`; null for anything else and for what is fully transparent. */
export function parseColour(text: string): Rgb | null {
  const match = /^(rgba?|color)\(\s*(?:srgb\s+)?([^)]+)\)$/.exec(text.trim());
  if (!match) return null;
  const [red, green, blue, alpha] = (match[2] ?? "").split(/[\s,/]+/).map(Number);
  if (red === undefined || green === undefined || blue === undefined || alpha === 0) return null;
  const scale = match[1] === "color" ? 1 : 255;
  const parts: Rgb = [red / scale, green / scale, blue / scale];
  return parts.some(Number.isNaN) ? null : parts;
}

/** Relative luminance as WCAG defines it, 0 for black to 1 for white. */
export function luminance(colour: Rgb): number {
  const [red = 0, green = 0, blue = 0] = colour.map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Contrast as WCAG defines it, 1 to 21. */
export function contrast(one: Rgb, other: Rgb): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}
