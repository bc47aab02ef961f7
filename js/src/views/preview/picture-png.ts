import { canvasPng } from "../../components/png.ts";
import { tokenColors } from "../../components/token-color.ts";
import { pictureName } from "./exports.tsx";

/** The canvas inside an element as a PNG file, as large as it is seen; null where it cannot be drawn. */
export async function contentPng(
  content: HTMLElement | null,
  path: string,
): Promise<{ filename: string; data: Blob } | null> {
  const canvas = content?.querySelector("canvas");
  if (!(content && canvas)) return null;
  const width = canvas.clientWidth * (globalThis.devicePixelRatio || 1);
  const data = await canvasPng(canvas, tokenColors(content).of("--lx-surface"), width);
  return data && { filename: pictureName(path), data };
}
