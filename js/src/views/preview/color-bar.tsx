import { useMemo } from "preact/hooks";
import { PixelCanvas, type Pixels } from "../../components/canvas.tsx";
import { type ColorMap, paint } from "../../data/colormaps.ts";
import { number } from "../../data/format.ts";
import { tickLabels, ticks } from "../../data/ticks.ts";

interface ColorBarProps {
  map: ColorMap;
  low: number;
  high: number;
  unit: string;
  height: number;
}

const LEVELS = 256;
/** Room for one label; pixels. */
const LABEL = 40;

/** Which colour means which value, the highest at the top. */
export function ColorBar({ map, low, high, unit, height }: ColorBarProps) {
  const pixels = useMemo(() => rampPixels(map, "up"), [map]);
  const marks = ticks(low, high, Math.max(2, height / LABEL));
  const labels = tickLabels(marks);
  const words = `Colours from ${number(low)} to ${number(high)} ${unit}`.trim();
  return (
    <div class="lx-colorbar" style={{ height: `${height}px` }}>
      <PixelCanvas pixels={pixels} label={words} width={12} height={height} />
      <div aria-hidden="true">
        {marks.map((mark, index) => (
          <span key={mark} style={{ bottom: beside((mark - low) / (high - low)) }}>
            {labels[index]}
            {index === marks.length - 1 && unit !== "" && ` ${unit}`}
          </span>
        ))}
        {marks.length === 0 && <span style={{ bottom: "50%" }}>{`${number(low)} ${unit}`.trim()}</span>}
      </div>
    </div>
  );
}

/** Where the middle of a label is: at its value, but wholly beside the bar. */
function beside(share: number): string {
  return `clamp(8px, ${share * 100}%, 100% - 8px)`;
}

/** All colours of a map: from the bottom to the top, or from left to right. */
export function rampPixels(map: ColorMap, direction: "up" | "across"): Pixels {
  const ramp = Float32Array.from({ length: LEVELS }, (_, level) =>
    direction === "up" ? LEVELS - 1 - level : level,
  );
  const data = paint(ramp, 0, LEVELS - 1, map);
  return direction === "up" ? { width: 1, height: LEVELS, data } : { width: LEVELS, height: 1, data };
}
