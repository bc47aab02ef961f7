// The answer a view draws: asks for it, keeps the one before while it comes, and knows why there is none.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Size } from "../../components/use-size.ts";
import type { NodeCard, PreviewAnswer, Reply, TooCostly, ViewName } from "../../data/protocol.ts";
import type { ViewContext } from "../../state/context.ts";
import { useReply, type Waiting } from "../../state/use-reply.ts";
import type { Remembered } from "./memory.ts";

/** A picture is never asked for finer than this, whatever the screen. */
const MOST_PIXELS = 4096;

/** Waits longer than this say how far they are and can be cancelled. */
const LONG_MS = 1000;

type Answered<V extends ViewName> = Extract<PreviewAnswer, { type: V }>;

export interface Picture<T> extends Pick<Waiting<PreviewAnswer>, "error" | "busy" | "slow" | "progress"> {
  /** The last picture; what is asked for now may differ from it. */
  shown: Reply<T> | null;
  /** The answer that is on the page: null where a refusal or a failure stands in its place. */
  seen: T | null;
  /** The last answer was a refusal and nothing else is coming: what it would have cost. */
  refused: TooCostly | null;
  /** The last answer was that there is nothing to show: why. */
  empty: string | null;
  /** Busy for so long that there has to be a way out. */
  long: boolean;
  retry: () => void;
  cancel: () => void;
  /** Stored bytes agreed to so far. */
  agreed: number;
  /** Ask again, with so many stored bytes agreed to. */
  agree: (bytes: number) => void;
}

/** `selection` null = the view's first one; `size` null = not measured yet, so nothing is asked. */
export function usePicture<V extends ViewName>(
  ctx: ViewContext,
  card: NodeCard,
  view: V,
  selection: string | null,
  size: Size | null,
  memory: Remembered,
): Picture<Answered<V>> {
  const [agreed, setAgreed] = useState(memory.agreed);
  const draft = size && {
    op: "preview" as const,
    path: card.row.path,
    view,
    selection,
    width: pixels(size.width),
    height: pixels(size.height),
    agreed_bytes: agreed,
  };
  const { reply, ...waiting } = useReply(ctx, draft, [card]);
  const last = useRef<Reply<Answered<V>> | null>(null);
  if (reply?.body.type === view) last.current = reply as Reply<Answered<V>>;
  const long = useLong(waiting.busy && draft !== null);
  const refused = reply?.body.type === "too_costly" && !waiting.busy ? reply.body : null;
  const empty = emptyWords(reply?.body, view);
  const covered = waiting.error !== null || refused !== null || empty !== null;
  // What was said of the picture before is not true of what stands in its place.
  useEffect(() => {
    if (covered) ctx.say("");
  }, [covered]);
  return {
    ...waiting,
    shown: last.current,
    seen: covered ? null : (last.current?.body ?? null),
    refused,
    empty,
    long,
    agreed,
    agree: (bytes) => {
      memory.agreed = bytes;
      setAgreed(bytes);
    },
  };
}

function emptyWords(body: PreviewAnswer | undefined, view: ViewName): string | null {
  if (body?.type === "empty") return body.words;
  const known = body === undefined || body.type === view || body.type === "too_costly";
  return known ? null : "This view has nothing to show of it.";
}

/** Device pixels of a length on the page. */
function pixels(length: number): number {
  return Math.max(1, Math.min(MOST_PIXELS, Math.round(length * (globalThis.devicePixelRatio || 1))));
}

function useLong(busy: boolean): boolean {
  const [long, setLong] = useState(false);
  useEffect(() => {
    setLong(false);
    if (!busy) return undefined;
    const timer = setTimeout(() => setLong(true), LONG_MS);
    return () => clearTimeout(timer);
  }, [busy]);
  return busy && long;
}

/** A value as it was before its last changes, until they have rested for so many milliseconds. Null does not rest. */
export function useRested<T>(value: T, milliseconds: number): T {
  const [rested, setRested] = useState(value);
  const delay = rested === null ? 0 : milliseconds;
  useEffect(() => {
    if (Object.is(value, rested)) return undefined;
    const timer = setTimeout(() => setRested(value), delay);
    return () => clearTimeout(timer);
  }, [value, rested, delay]);
  return rested;
}
