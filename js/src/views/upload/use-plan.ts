import { useState } from "preact/hooks";
import { useDebounced } from "../../components/use-debounced.ts";
import type { RequestError } from "../../data/failure.ts";
import type {
  Status,
  UploadConflict,
  UploadMode,
  UploadPlan,
  UploadState,
  UploadTargets,
} from "../../data/protocol.ts";
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
  /** The asset that may be replaced, where that was agreed to. */
  replaces: string;
  /** An archive that is no sandbox is meant. */
  agreed: boolean;
}

export type Wish = (change: Partial<Wishes>) => void;

/** Nothing is agreed about a file that is in the way. */
export const ASK = { conflict: "ask", replaces: "" } as const;

/** Of another archive nothing is known yet. */
export const OTHER_ARCHIVE = { dandiset: null, path: null, ...ASK, agreed: false } as const;

/** What was wished for last. What was agreed to then was about that upload only. */
function wishesAfter(last: UploadState | null): Wishes {
  const again = last !== null && last.state !== "none";
  return {
    ...ASK,
    archive: (again && last.archive) || null,
    dandiset: (again && last.dandiset) || null,
    path: (again && last.path) || null,
    mode: again ? last.mode : "auto",
    agreed: false,
  };
}

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
export function usePlan({ ctx, edits, upload }: Explorer): Plan {
  const [wishes, setWishes] = useState(() => wishesAfter(upload.state.peek()));
  const { mode, conflict, replaces, agreed } = wishes;
  const typed = wishes.path ?? "";
  const path = useDebounced(typed, PLAN_AFTER_MS);
  // The file may be edited and checked meanwhile, in Python or in another view.
  const now = `${edits.made.value} ${checkOf(ctx.status.value)}`;
  const file = useDebounced(now, PLAN_AFTER_MS);

  const targets = useReply(ctx, { op: "upload_targets", archive: wishes.archive ?? "" });
  const list = answerOf(targets);
  const dandiset = list ? dandisetOf(list, wishes) : "";
  const asked = list && dandiset ? { archive: list.archive, dandiset, path, mode, conflict, replaces } : null;
  const planned = useReply(ctx, asked && { op: "upload_plan", ...asked }, [file]);
  const settled = asked !== null && !planned.busy && typed === path && now === file;
  const plan = settled ? answerOf(planned) : null;
  const error = upload.error.value ?? planned.error;
  const ready = plan?.ready === true && (!plan.production || agreed);
  return {
    wishes,
    wish: (change) => {
      upload.error.value = null;
      setWishes((before) => ({ ...before, ...change }));
    },
    targets,
    list,
    plan,
    busy: !error && (targets.busy || (asked !== null && !settled)),
    error,
    ready,
    start: () => {
      if (ready && asked) void upload.start({ op: "upload", ...asked, production: agreed });
    },
    retry: () => {
      upload.error.value = null;
      planned.retry();
    },
  };
}

/** The one that is wished for, where the user may write to it. */
export function dandisetOf(list: UploadTargets, { dandiset }: Wishes): string {
  return list.dandisets.find(({ identifier }) => identifier === dandiset)?.identifier ?? list.dandiset;
}

/** What the last check has said; while the next one runs, that counts for nothing. */
function checkOf(status: Status | null): string {
  if (status === null || status.check === "checking") return "unchecked";
  return `${status.check} ${status.errors} ${status.warnings}`;
}

/** Of what was asked for last; null until it has come. */
function answerOf<T>({ busy, error, reply }: Waiting<T>): T | null {
  return busy || error ? null : (reply?.body ?? null);
}
