// Binary data beside an answer as typed arrays. Buffers come from outside: their size is checked before anything
// is drawn from them.
import { localFailure, type RequestError } from "./failure.ts";

/** float32 values; a copy only where the bytes do not start at a multiple of four. */
export function float32(buffer: DataView | undefined, length: number): Float32Array {
  const { view, aligned } = checked(buffer, length, 4);
  return aligned
    ? new Float32Array(view.buffer as ArrayBuffer, view.byteOffset, length)
    : new Float32Array(copy(view));
}

/** float64 values; a copy only where the bytes do not start at a multiple of eight. */
export function float64(buffer: DataView | undefined, length: number): Float64Array {
  const { view, aligned } = checked(buffer, length, 8);
  return aligned
    ? new Float64Array(view.buffer as ArrayBuffer, view.byteOffset, length)
    : new Float64Array(copy(view));
}

export function uint8(buffer: DataView | undefined, length: number): Uint8Array {
  const { view } = checked(buffer, length, 1);
  return new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, length);
}

function checked(buffer: DataView | undefined, length: number, size: number) {
  if (!buffer || buffer.byteLength !== length * size) throw wrongSize(buffer?.byteLength ?? 0, length * size);
  return { view: buffer, aligned: buffer.byteOffset % size === 0 };
}

function copy(view: DataView): ArrayBuffer {
  return (view.buffer as ArrayBuffer).slice(view.byteOffset, view.byteOffset + view.byteLength);
}

function wrongSize(found: number, expected: number): RequestError {
  return localFailure(
    "protocol",
    `The data of the picture has ${found} bytes, not ${expected}`,
    "Restart the kernel, so that both halves of the explorer are of one version.",
  );
}
