/** A canvas as a PNG on an opaque ground, at least so many pixels wide; small pictures keep their hard pixels. */
export async function canvasPng(source: HTMLCanvasElement, ground: string, width = 0): Promise<Blob | null> {
  const factor = Math.max(1, Math.floor(width / source.width));
  const copy = document.createElement("canvas");
  copy.width = source.width * factor;
  copy.height = source.height * factor;
  const context = copy.getContext("2d");
  if (!context) return null;
  context.fillStyle = ground;
  context.fillRect(0, 0, copy.width, copy.height);
  context.imageSmoothingEnabled = false;
  context.drawImage(source, 0, 0, copy.width, copy.height);
  return await new Promise((resolve) => copy.toBlob(resolve, "image/png"));
}
