import { useLayoutEffect, useRef } from "preact/hooks";
import "./canvas.css";

export interface Pixels {
  width: number;
  height: number;
  /** RGBA, row by row. */
  data: Uint8ClampedArray;
}

interface PixelCanvasProps {
  pixels: Pixels;
  /** What is shown, in a sentence. */
  label: string;
  /** Size on the page. */
  width: number;
  height: number;
}

/** A picture made of pixels, drawn as large as asked for; enlarged pixels keep hard edges. */
export function PixelCanvas({ pixels, label, width, height }: PixelCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  // Before the browser paints, so that a new picture never shows an empty canvas.
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || pixels.width === 0 || pixels.height === 0) return;
    const image = context.createImageData(pixels.width, pixels.height);
    image.data.set(pixels.data);
    context.putImageData(image, 0, 0);
  }, [pixels]);
  const enlarged = width * (globalThis.devicePixelRatio || 1) > pixels.width;
  return (
    <canvas
      ref={canvas}
      class={`lx-pixels ${enlarged ? "lx-pixels-hard" : ""}`}
      role="img"
      aria-label={label}
      width={pixels.width}
      height={pixels.height}
      style={{ width: `${width}px`, height: `${height}px` }}
    />
  );
}
