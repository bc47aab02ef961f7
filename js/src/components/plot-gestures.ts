// Mouse, wheel and keys over a plot. The plain wheel is the notebook's and is left alone.

export interface PlotGestures {
  /** Show this stretch of x. */
  onStretch: (from: number, to: number) => void;
  /** Zoom by a factor (below 1 = closer) about a share of the width. */
  onZoom: (factor: number, about: number) => void;
  /** Move by a share of the width; positive = to later x. */
  onPan: (share: number) => void;
  /** To the start (-1) or the end (1) of the data. */
  onEnd: (end: -1 | 1) => void;
  onBack: () => void;
  /** 1 raises the gain. */
  onGain: (direction: 1 | -1) => void;
  /** A place was clicked without dragging; in units of y. */
  onPick: (y: number) => void;
}

const ZOOM_STEP = 1.25;
/** A drag shorter than this is a click; pixels. */
export const CLICK = 4;

/** What a turn of the wheel means; null = not ours. */
export function wheelAction(
  event: Pick<WheelEvent, "deltaX" | "deltaY" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">,
): "zoom" | "gain" | "pan" | null {
  if (event.ctrlKey || event.metaKey) return "zoom";
  if (event.altKey) return "gain";
  if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return "pan";
  return null;
}

/** Follow the wheel over an element; returns how to stop. */
export function followWheel(element: HTMLElement, gestures: () => PlotGestures): () => void {
  const follow = (event: WheelEvent) => {
    const action = wheelAction(event);
    if (!action) return;
    event.preventDefault();
    const { width, left } = element.getBoundingClientRect();
    const delta = event.deltaY || event.deltaX;
    if (action === "gain") gestures().onGain(delta < 0 ? 1 : -1);
    else if (action === "zoom") {
      gestures().onZoom(
        ZOOM_STEP ** Math.max(-4, Math.min(4, delta / 50)),
        share(event.clientX - left, width),
      );
    } else gestures().onPan(share(event.deltaX || event.deltaY, width));
  };
  // Not passive, as a wheel that is ours must not scroll the page as well.
  element.addEventListener("wheel", follow, { passive: false });
  return () => element.removeEventListener("wheel", follow);
}

function share(length: number, width: number): number {
  return width > 0 ? length / width : 0;
}

/** A drag with Shift moves along; returns how to stop. */
export function followPan(element: HTMLElement, gestures: () => PlotGestures): () => void {
  let last: number | null = null;
  const down = (event: MouseEvent) => {
    if (!event.shiftKey || event.button !== 0) return;
    // uPlot would start to mark a stretch.
    event.stopImmediatePropagation();
    event.preventDefault();
    last = event.clientX;
    document.addEventListener("mousemove", move);
    document.addEventListener("mouseup", up);
  };
  const move = (event: MouseEvent) => {
    if (last !== null) gestures().onPan(-share(event.clientX - last, element.clientWidth));
    last = event.clientX;
  };
  const up = () => {
    last = null;
    document.removeEventListener("mousemove", move);
    document.removeEventListener("mouseup", up);
  };
  element.addEventListener("mousedown", down, { capture: true });
  return () => {
    up();
    element.removeEventListener("mousedown", down, { capture: true });
  };
}

/** What a key does over a plot; null = nothing. */
export function keyAction(key: string): ((gestures: PlotGestures) => void) | null {
  return KEYS[key] ?? null;
}

const KEYS: Record<string, (gestures: PlotGestures) => void> = {
  ArrowLeft: (gestures) => gestures.onPan(-0.25),
  ArrowRight: (gestures) => gestures.onPan(0.25),
  ArrowUp: (gestures) => gestures.onZoom(1 / (ZOOM_STEP * ZOOM_STEP), 0.5),
  ArrowDown: (gestures) => gestures.onZoom(ZOOM_STEP * ZOOM_STEP, 0.5),
  PageUp: (gestures) => gestures.onPan(-1),
  PageDown: (gestures) => gestures.onPan(1),
  Home: (gestures) => gestures.onEnd(-1),
  End: (gestures) => gestures.onEnd(1),
  Backspace: (gestures) => gestures.onBack(),
  "+": (gestures) => gestures.onGain(1),
  "=": (gestures) => gestures.onGain(1),
  "-": (gestures) => gestures.onGain(-1),
};
