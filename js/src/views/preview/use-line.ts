// The state of a line view: what it looks at, what was read of it, and at which gain it is drawn.
import type { RefObject } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { useSize } from "../../components/use-size.ts";
import { type SampleAxis, type Stretch, sampleAxis } from "../../data/axis.ts";
import { asRequestError, type RequestError } from "../../data/failure.ts";
import { nextGain, startingGain } from "../../data/gain.ts";
import { lineStatus } from "../../data/line-words.ts";
import type { LinePreview, Reply } from "../../data/protocol.ts";
import { reachOf, readTraces, restOf, type Traces } from "../../data/traces.ts";
import type { Remembered } from "./memory.ts";
import { type LookControls, useLook } from "./use-look.ts";
import { type Picture, usePicture, useRested } from "./use-picture.ts";
import { useBeginning, useShown, useWanted } from "./use-selection.ts";
import type { ViewProps } from "./view-props.ts";

/** The old picture is stretched for so long before the new one is asked for; milliseconds. */
const REST_MS = 120;
const RESIZE_MS = 200;
/** Room beside the traces that is not drawn on, and a step of widths that are not asked for anew; pixels. */
const GUTTER = 72;
const WIDTH_STEP = 16;
/** Decimation is along x only. */
const ANY_HEIGHT = 400;

/** A picture that can be drawn. */
export interface DrawnLine {
  body: LinePreview;
  traces: Traces;
  axis: SampleAxis;
  /** How far samples are apart; for an irregular axis on average. */
  step: number;
}

export interface LineState extends Pick<LookControls, "look" | "setChannels" | "setText" | "back"> {
  picture: Picture<LinePreview>;
  /** Null until a picture has come. */
  drawn: DrawnLine | null;
  /** A picture has come that is not what it says it is. */
  broken: RequestError | null;
  shape: readonly number[] | null;
  /** Back to where the view begins by itself; null while it is there. */
  restart: (() => void) | null;
  gain: number;
  turnGain: (direction: 1 | -1) => void;
  /** Look at another stretch. */
  jump: (stretch: Stretch) => void;
  /** The same while a movement goes on: taken back as one. */
  move: (stretch: Stretch) => void;
}

export function useLine(
  props: Omit<ViewProps, "switcher">,
  content: RefObject<HTMLElement | null>,
): LineState {
  const { ctx, card, choice, memory } = props;
  const [seenShape, setSeenShape] = useState<readonly number[] | null>(null);
  const shape = card.array?.shape ?? seenShape;
  const { text, setStretch, ...controls } = useLook(useBeginning(props, "line"), shape);
  const asked = useRested(text, REST_MS);
  const picture = usePicture(ctx, card, "line", asked, usePlotSize(content), memory);
  const { shown } = picture;
  const read = useMemo(() => (shown ? readReply(shown) : null), [shown]);
  const drawn = read?.drawn ?? null;
  const [gain, turnGain] = useGain(drawn, memory);
  memory.selections.line = text;
  useWanted(props, controls.setText);
  useShown(props, asked, picture);

  useEffect(() => {
    if (!drawn) return;
    setSeenShape(drawn.body.shape);
    ctx.say(lineStatus(drawn.body, drawn.axis, drawn.traces.high !== drawn.traces.low));
  }, [drawn]);

  return {
    ...controls,
    picture,
    drawn,
    broken: read?.broken ?? null,
    shape,
    restart: text === choice.selection ? null : () => controls.setText(choice.selection),
    gain,
    turnGain,
    jump: (stretch) => setStretch(stretch, true),
    move: (stretch) => setStretch(stretch, text === asked),
  };
}

/** The size of the plotting area; small changes and those under way are left out. */
function usePlotSize(content: RefObject<HTMLElement | null>) {
  const size = useSize(content);
  const width = size && Math.max(WIDTH_STEP, Math.round((size.width - GUTTER) / WIDTH_STEP) * WIDTH_STEP);
  const rested = useRested(width, RESIZE_MS);
  return useMemo(() => (rested === null ? null : { width: rested, height: ANY_HEIGHT }), [rested]);
}

function readReply({ body, buffers }: Reply<LinePreview>): {
  drawn: DrawnLine | null;
  broken: RequestError | null;
} {
  try {
    const traces = readTraces(body, buffers);
    const axis = sampleAxis(body, traces.x);
    return { drawn: { body, traces, axis, step: meanStep(body, axis) }, broken: null };
  } catch (error) {
    return { drawn: null, broken: asRequestError(error) };
  }
}

function meanStep({ first, last, x }: LinePreview, axis: SampleAxis): number {
  const steps = last - 1 - first;
  return x.step ?? (steps > 0 ? (axis.at(last - 1) - axis.at(first)) / steps : 1);
}

/** The gain stays while looking elsewhere; the first picture sets it, and one in another unit. */
function useGain(
  drawn: DrawnLine | null,
  memory: Remembered,
): [gain: number, turn: (direction: 1 | -1) => void] {
  const [kept, setKept] = useState(memory.gain ?? null);
  const unit = drawn?.body.y.unit ?? "";
  const holds = kept !== null && (drawn === null || kept.unit === unit);
  const keep = (value: number) => {
    memory.gain = { value, unit };
    setKept(memory.gain);
  };
  const gain = useMemo(() => {
    if (holds) return kept.value;
    return drawn ? gainOf(drawn.traces) : 1;
  }, [drawn, kept, holds]);
  useEffect(() => {
    if (drawn && !holds) keep(gain);
  }, [drawn]);
  return [gain, (direction) => keep(nextGain(gain, direction))];
}

function gainOf(traces: Traces): number {
  return startingGain(
    traces.low.map((low, trace) => {
      const high = traces.high[trace] ?? low;
      return reachOf(low, high, restOf(low, high));
    }),
  );
}
