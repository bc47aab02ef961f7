import { useRef } from "preact/hooks";

interface DragEdgeProps {
  label: string;
  /** Direction of the edge itself: a vertical edge moves sideways. */
  orientation: "vertical" | "horizontal";
  value: number;
  least: number;
  most: number;
  onChange: (value: number) => void;
  /** The drag is over, or a key has moved the edge. */
  onDone?: () => void;
  onDoubleClick?: () => void;
}

const STEP = 8;

/** An edge that can be dragged, and moved by arrow keys (Shift = 10 steps). */
export function DragEdge({
  label,
  orientation,
  value,
  least,
  most,
  onChange,
  onDone,
  onDoubleClick,
}: DragEdgeProps) {
  const start = useRef<{ at: number; value: number } | null>(null);
  const vertical = orientation === "vertical";
  const along = (event: PointerEvent) => (vertical ? event.clientX : event.clientY);

  const keyDown = (event: KeyboardEvent) => {
    const step = STEP * (event.shiftKey ? 10 : 1);
    const ends: Record<string, number> = { Home: least, End: most };
    const moves: Record<string, number> = vertical
      ? { ArrowLeft: -step, ArrowRight: step }
      : { ArrowUp: -step, ArrowDown: step };
    const next = ends[event.key] ?? (moves[event.key] === undefined ? null : value + (moves[event.key] ?? 0));
    if (next === null) return;
    event.preventDefault();
    onChange(next);
    onDone?.();
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: an edge that moves is a separator with a value; `hr` cannot have one.
    <div
      class={`lx-edge lx-edge-${orientation}`}
      role="separator"
      aria-label={label}
      aria-orientation={orientation}
      aria-valuenow={value}
      aria-valuemin={least}
      aria-valuemax={most}
      tabIndex={0}
      onKeyDown={keyDown}
      onDblClick={onDoubleClick}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { at: along(event), value };
      }}
      onPointerMove={(event) => {
        if (start.current) onChange(start.current.value + along(event) - start.current.at);
      }}
      onLostPointerCapture={() => {
        if (start.current) onDone?.();
        start.current = null;
      }}
    />
  );
}
