import { useState } from "preact/hooks";
import { useDebounced } from "../../components/use-debounced.ts";
import type { RequestError } from "../../data/failure.ts";
import type { UploadConflict, UploadMode, UploadPlan, UploadTargets } from "../../data/protocol.ts";
import type { Explorer } from "../../state/explorer.ts";
import { useReply, type Waiting } from "../../state/use-reply.ts";

const PLAN_AFTER_MS = 300;

export interface Wishes {
  /** Null = what Python begins with. */
  archive: string | null;
  dandiset: string | null;
  path: string | null;
  mode: UploadMode;
  conflict: UploadConflict;
  /** An archive that is no sandbox is meant. */
  agreed: boolean;
}

export type Wish = (change: Partial<Wishes>) => void;

const NONE: Wishes = {
  archive: null,
  dandiset: null,
  path: null,
  mode: "auto",
  conflict: "ask",
  agreed: false,
};

/** Of another archive nothing is known yet. */
export const OTHER_ARCHIVE: Partial<Wishes> = { dandiset: null, path: null, conflict: "ask", agreed: false };

export interface Plan {
  wishes: Wishes;
  wish: Wish;
  targets: Waiting<UploadTargets>;
  /** Of the archive that is wished for; null while it is asked for. */
  list: UploadTargets | null;
  /** Of what is wished for; null while it is asked for. */
  plan: UploadPlan | null;
  /** Being made. */
  busy: boolean;
  error: RequestError | null;
  ready: boolean;
  start: () => void;
  retry: () => void;
}

/** What an upload would do, as the wishes are now. */
export function usePlan({ ctx, upload }: Explorer): Plan {
  const [wishes, setWishes] = useState(NONE);
  const { mode, conflict, agreed } = wishes;
  const typed = wishes.path ?? "";
  const path = useDebounced(typed, PLAN_AFTER_MS);

  const targets = useReply(ctx, { op: "upload_targets", archive: wishes.archive ?? "" });
  const list = answerOf(targets);
  const dandiset = wishes.dandiset ?? list?.dandiset ?? "";
  const asked = list && dandiset ? { archive: list.archive, dandiset, path, mode, conflict } : null;
  const planned = useReply(ctx, asked && { op: "upload_plan", ...asked });
  const settled = asked !== null && !planned.busy && typed === path;
  const plan = settled ? answerOf(planned) : null;
  const error = upload.error.value ?? planned.error;
  const ready = plan?.ready === true && (!plan.production || agreed);
  return {
    wishes,
    wish: (change) => setWishes((before) => ({ ...before, ...change })),
    targets,
    list,
    plan,
    busy: !error && (targets.busy || (asked !== null && !settled)),
    error,
    ready,
    start: () => {
      if (ready && asked) void upload.start({ op: "upload", ...asked, production: agreed });
    },
    retry: planned.retry,
  };
}

/** Of what was asked for last; null until it has come. */
function answerOf<T>({ busy, error, reply }: Waiting<T>): T | null {
  return busy || error ? null : (reply?.body ?? null);
}
