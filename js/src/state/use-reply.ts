import { useCallback, useEffect, useState } from "preact/hooks";
import { asRequestError, isCancelled, type RequestError } from "../data/failure.ts";
import type { Answer, Draft, Progress, Reply } from "../data/protocol.ts";
import type { ViewContext } from "./context.ts";

/** Nothing is shown for waits shorter than this. */
export const SPINNER_AFTER_MS = 300;

export interface Waiting<T> {
  /** The last answer; stays while the next one is fetched, so that the picture does not vanish. */
  reply: Reply<T> | null;
  error: RequestError | null;
  busy: boolean;
  /** Busy for longer than a moment: show words now. */
  slow: boolean;
  progress: Progress | null;
  retry: () => void;
  /** Stop the request; what was there before stays. Without a reply: not busy, no error, offer `retry`. */
  cancel: () => void;
}

/**
 * The answer to a request, asked again whenever the request or one of `deps` changes. The request before is
 * cancelled then, and its late answer ignored. `null` asks nothing.
 */
export function useReply<R extends Draft>(
  ctx: Pick<ViewContext, "request">,
  draft: R | null,
  deps: readonly unknown[] = [],
): Waiting<Answer<R["op"]>> {
  const [state, setState] = useState<Omit<Waiting<Answer<R["op"]>>, "retry" | "cancel">>({
    ...IDLE,
    busy: draft !== null,
  });
  const [round, setRound] = useState(0);
  const [abort, setAbort] = useState<AbortController | null>(null);
  const key = JSON.stringify(draft);

  useEffect(() => {
    if (draft === null) {
      setState(IDLE);
      return undefined;
    }
    const controller = new AbortController();
    const { signal } = controller;
    let current = true;
    const update = (change: Partial<typeof state>) => {
      if (current) setState((before) => ({ ...before, ...change }));
    };
    const done = { busy: false, slow: false, progress: null };
    const timer = setTimeout(() => update({ slow: true }), SPINNER_AFTER_MS);
    setAbort(controller);
    update({ busy: true, slow: false, error: null });
    ctx
      .request(draft, { signal, onProgress: (progress) => update({ progress }) })
      .then(
        (reply) => update({ reply, error: null, ...done }),
        (error) => update({ error: isCancelled(error) ? null : asRequestError(error), ...done }),
      )
      .finally(() => clearTimeout(timer));
    return () => {
      current = false;
      clearTimeout(timer);
      controller.abort();
    };
  }, [ctx, key, round, ...deps]);

  const retry = useCallback(() => setRound((before) => before + 1), []);
  const cancel = useCallback(() => abort?.abort(), [abort]);
  return { ...state, retry, cancel };
}

const IDLE = { reply: null, error: null, busy: false, slow: false, progress: null };
