// Numbers that look like measurements and are the same each time.

/** A number in 0..1 that depends on its arguments alone. */
export function noise(a: number, b: number): number {
  let t = (Math.imul(a | 0, 0x6d2b79f5) ^ Math.imul((b | 0) + 77, 0x9e3779b9)) | 0;
  t = Math.imul(t ^ (t >>> 15), 1 | t);
  t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
}

/** A voltage in microvolts: noise, a slow wave, and spikes that neighbours see smaller. */
export function voltage(sample: number, channel: number): number {
  const rest =
    (noise(sample, channel) + noise(sample + 1e6, channel) - 1) * 14 + Math.sin(sample / 900 + channel) * 4;
  const block = Math.floor(sample / 2400);
  const since = sample - block * 2400 - noise(block, 5) * 2300;
  const distance = Math.abs(channel - noise(block, 6) * 16);
  if (since < 0 || since > 40 || distance > 3) return rest;
  return (
    rest - (60 + noise(block, 8) * 70) * Math.exp(-(distance ** 2) / 3) * Math.exp(-(((since - 8) / 6) ** 2))
  );
}

/** Rings of cells on a dim ground, one corner NaN. */
export function frame(height: number, width: number, index: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(height * width);
  const cells = Array.from({ length: 90 }, (_, cell) => ({
    x: noise(cell, 1) * width,
    y: noise(cell, 2) * height,
    radius: 4 + noise(cell, 3) * 3.5,
    light: (0.15 + noise(cell, 4) ** 3) * (0.6 + 0.4 * noise(cell, index + 9)),
  }));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      let value = 0.12 + 0.05 * noise(x + index, y);
      for (const cell of cells) {
        const distance = Math.hypot(x - cell.x, y - cell.y) / cell.radius;
        if (distance < 2) value += cell.light * 0.62 * Math.exp(-((distance - 0.75) ** 2) / 0.16);
      }
      values[y * width + x] = x + y < 14 ? Number.NaN : value * 3800;
    }
  }
  return values;
}
