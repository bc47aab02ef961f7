// The state of an image view: what is looked at, the values that came, and the colours they are drawn in.
import type { RefObject } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Pixels } from "../../components/canvas.tsx";
import { type Size, useSize } from "../../components/use-size.ts";
import { float32, uint8 } from "../../data/buffers.ts";
import { type ColorMap, extent, paint, paintColors } from "../../data/colormaps.ts";
import { asRequestError, type RequestError } from "../../data/failure.ts";
import { decimationWords } from "../../data/image-fit.ts";
import type { ImagePreview, Reply } from "../../data/protocol.ts";
import {
  isSpan,
  parseSelection,
  type Selection,
  type Span,
  withPart,
  writeSelection,
} from "../../data/selection.ts";
import { type Picture, usePicture, useRested } from "./use-picture.ts";
import { useBeginning, useShown, useWanted } from "./use-selection.ts";
import type { ViewProps } from "./view-props.ts";

const SLIDER_MS = 80;
const RESIZE_MS = 200;
/** A step of sizes that are not asked for anew; pixels. */
const SIZE_STEP = 32;

export type RangeMode = "percentiles" | "full";

/** A slider whose index follows the hand at once; the picture comes later. */
export interface LiveSlider {
  dimension: number;
  index: number;
  /** Null until it is known. */
  size: number | null;
  setIndex: (index: number) => void;
}

export interface LiveRange {
  label: "Rows" | "Columns";
  range: Span;
  size: number;
  setRange: (range: Span) => void;
}

export interface DrawnImage {
  body: ImagePreview;
  /** Null for pictures with colours of their own. */
  values: Float32Array | null;
  colors: Uint8Array | null;
}

export interface ImageState {
  picture: Picture<ImagePreview>;
  drawn: DrawnImage | null;
  broken: RequestError | null;
  pixels: Pixels | null;
  /** Room for the picture. */
  room: Size | null;
  map: ColorMap;
  setMap: (map: ColorMap) => void;
  mode: RangeMode;
  setMode: (mode: RangeMode) => void;
  range: [low: number, high: number];
  /** The range is that of another picture: it does not change by itself. */
  held: boolean;
  fitRange: () => void;
  /** Dimensions of which the picture shows one index; before the first picture as far as they are known. */
  sliders: readonly LiveSlider[];
  /** What is shown of the dimensions that are rows and columns, where that can be chosen. */
  ranges: readonly LiveRange[];
  setText: (selection: string) => void;
  /** Back to where the view begins by itself; null while it is there. */
  restart: (() => void) | null;
}

export function useImage(
  props: Omit<ViewProps, "switcher">,
  content: RefObject<HTMLElement | null>,
): ImageState {
  const { ctx, card, choice, memory } = props;
  const [text, setText] = useState(useBeginning(props, "image"));
  const asked = useRested(text, SLIDER_MS);
  const room = useSize(content);
  const picture = usePicture(ctx, card, "image", asked, useCoarse(room), memory);
  const { shown } = picture;
  const read = useMemo(() => (shown ? readReply(shown) : null), [shown]);
  const drawn = read?.drawn ?? null;
  const [map, setMap] = useState<ColorMap>(memory.colors ?? "viridis");
  const [mode, setMode] = useState<RangeMode>(memory.range ?? "percentiles");
  const { range, held, fitRange } = useRange(drawn, mode);
  const pixels = useMemo(() => (drawn ? pixelsOf(drawn, range, map) : null), [drawn, range, map]);
  Object.assign(memory.selections, { image: text });
  useWanted(props, setText);
  useShown(props, asked, picture);

  useEffect(() => {
    if (drawn) ctx.say(statusWords(drawn.body));
  }, [drawn]);

  const shape = drawn?.body.shape ?? card.array?.shape ?? null;
  const selection = shape && parseSelection(text, shape);
  return {
    picture,
    drawn,
    broken: read?.broken ?? null,
    pixels,
    room,
    map,
    setMap: (next) => {
      memory.colors = next;
      setMap(next);
    },
    mode,
    setMode: (next) => {
      memory.range = next;
      setMode(next);
    },
    range,
    held,
    fitRange,
    sliders: indices(text, selection).map(({ dimension, index }) => ({
      dimension,
      index,
      size: shape?.[dimension] ?? null,
      setIndex: (wanted) => {
        if (selection) setText(writeSelection(withPart(selection, dimension, wanted)));
      },
    })),
    ranges: rangesOf(selection, shape, (dimension, range) => {
      if (selection) setText(writeSelection(withPart(selection, dimension, range)));
    }),
    setText,
    restart: text === choice.selection ? null : () => setText(choice.selection),
  };
}

/** The first two dimensions of which a selection names a range. */
function rangesOf(
  selection: Selection | null,
  shape: readonly number[] | null,
  set: (dimension: number, range: Span) => void,
): LiveRange[] {
  const spans = [...(selection ?? []).entries()].flatMap(([dimension, part]) =>
    isSpan(part) ? [{ dimension, range: part }] : [],
  );
  return spans.slice(0, 2).map(({ dimension, range }, at) => ({
    label: at === 0 ? "Rows" : "Columns",
    range,
    size: shape?.[dimension] ?? range.stop,
    setRange: (wanted) => set(dimension, wanted),
  }));
}

/** The dimensions of which a selection names one index; from its text where it cannot be parsed yet. */
function indices(text: string, selection: Selection | null): { dimension: number; index: number }[] {
  if (selection) {
    return selection.flatMap((part, dimension) => (isSpan(part) ? [] : [{ dimension, index: part }]));
  }
  return text.split(",").flatMap((piece, dimension) => {
    const index = Number(piece);
    return piece.trim() !== "" && Number.isInteger(index) ? [{ dimension, index }] : [];
  });
}

/** A size in coarse steps that has come to rest: what a picture is asked for. */
function useCoarse(size: Size | null): Size | null {
  const step = (length: number) => Math.ceil(length / SIZE_STEP) * SIZE_STEP;
  const wanted = size && `${step(size.width)} ${step(size.height)}`;
  const rested = useRested(wanted, RESIZE_MS);
  return useMemo(() => {
    const [width, height] = (rested ?? "").split(" ").map(Number);
    return width && height ? { width, height } : null;
  }, [rested]);
}

function readReply({ body, buffers }: Reply<ImagePreview>): {
  drawn: DrawnImage | null;
  broken: RequestError | null;
} {
  const count = body.width * body.height;
  try {
    const drawn =
      body.channels === 1
        ? { body, values: float32(buffers[0], count), colors: null }
        : { body, values: null, colors: uint8(buffers[0], count * body.channels) };
    return { drawn, broken: null };
  } catch (error) {
    return { drawn: null, broken: asRequestError(error) };
  }
}

/** The colour range. It is that of the first picture until asked otherwise, so that frames can be compared. */
function useRange(drawn: DrawnImage | null, mode: RangeMode) {
  const source = useRef<DrawnImage | null>(null);
  const [, redraw] = useState(0);
  if (drawn && !(source.current && comparable(source.current.body, drawn.body))) source.current = drawn;
  const from = source.current;
  const range = useMemo(() => (from ? rangeOf(from, mode) : NO_RANGE), [from, mode]);
  return {
    range,
    held: from !== null && drawn !== null && from.body.selection !== drawn.body.selection,
    fitRange: () => {
      source.current = drawn;
      redraw((count) => count + 1);
    },
  };
}

const NO_RANGE: [number, number] = [0, 1];

/** Whether the values of two pictures mean the same. */
function comparable(one: ImagePreview, other: ImagePreview): boolean {
  return one.unit === other.unit && one.scaling === other.scaling && one.channels === other.channels;
}

function rangeOf({ body, values }: DrawnImage, mode: RangeMode): [number, number] {
  if (mode === "full") return (values && extent(values)) ?? NO_RANGE;
  const percentiles: [number, number] = [body.low, body.high];
  return percentiles.every(Number.isFinite) ? percentiles : NO_RANGE;
}

function pixelsOf({ body, values, colors }: DrawnImage, range: [number, number], map: ColorMap): Pixels {
  const { width, height } = body;
  if (values) return { width, height, data: paint(values, ...range, map) };
  return { width, height, data: paintColors(colors ?? new Uint8Array(), body.channels === 4 ? 4 : 3) };
}

function statusWords(body: ImagePreview): string {
  const left = decimationWords(body);
  const scaling = body.scaling === "" ? "" : `${body.scaling} applied`;
  return [left === "" ? `${body.selection} shown` : body.selection, left, scaling]
    .filter(Boolean)
    .join(" \u00b7 ");
}
