// Which stretch of samples and which channels a line view looks at: what gestures and fields change, and the selection
// that follows from it.
import { useRef, useState } from "preact/hooks";
import { type Stretch, samplesOf, stretchWithin } from "../../data/axis.ts";
import {
  isSpan,
  type Part,
  parseSelection,
  type Selection,
  type Span,
  span,
  withPart,
  writeSelection,
} from "../../data/selection.ts";

interface Look {
  stretch: Stretch;
  channels: Span | null;
  selection: Selection;
}

export interface LookControls {
  /** Null until the shape is known. */
  look: Look | null;
  /** The selection to ask for. */
  text: string;
  /** Look at another stretch; `step` = one of its own, that `back` takes back. */
  setStretch: (stretch: Stretch, step: boolean) => void;
  setChannels: (channels: Span) => void;
  /** Take over a selection as it is written. */
  setText: (text: string) => void;
  /** To the stretch before, or to the first one. */
  back: () => void;
}

/** `start` is the selection to begin with; `shape` null until it is known. */
export function useLook(start: string, shape: readonly number[] | null): LookControls {
  const [text, setText] = useState(start);
  const [moved, setMoved] = useState<Stretch | null>(null);
  const before = useRef<Stretch[]>([]);
  const look = shape && lookOf(text, shape, moved);
  const first = shape && lookOf(start, shape, null);
  const size = shape?.[0] ?? 0;

  const show = (stretch: Stretch) => {
    if (!look) return;
    const within = stretchWithin(stretch.start, stretch.stop - stretch.start, size);
    setMoved(within);
    setText(writeSelection(withPart(look.selection, 0, samplesOf(within, size))));
  };
  return {
    look,
    text,
    setStretch: (stretch, step) => {
      if (look && step) before.current = [...before.current, look.stretch].slice(-50);
      show(stretch);
    },
    setChannels: (channels) => {
      if (look) setText(writeSelection(withPart(look.selection, 1, channels)));
    },
    setText: (selection) => {
      setMoved(null);
      setText(selection);
    },
    back: () => {
      const stretch = before.current.pop() ?? first?.stretch;
      if (stretch) show(stretch);
    },
  };
}

/** What a selection looks at; null where it is not one of this shape. */
function lookOf(text: string, shape: readonly number[], moved: Stretch | null): Look | null {
  const selection = parseSelection(text, shape);
  const time = selection?.[0];
  if (!selection || time === undefined) return null;
  const { start, stop } = asSpan(time);
  const channels = selection[1] === undefined ? null : asSpan(selection[1]);
  return { stretch: moved ?? { start, stop }, channels, selection };
}

function asSpan(part: Part): Span {
  return isSpan(part) ? part : span(part, part + 1);
}
