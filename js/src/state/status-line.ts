import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { bytes, count, duration, plural } from "../data/format.ts";
import type { Op, PendingJournal, Progress, Status, UploadState } from "../data/protocol.ts";
import { amountWords, endWords, stepWords } from "../data/upload-words.ts";
import type { KernelState } from "../transport/kernel.ts";
import type { Call } from "../transport/transport.ts";
import { SPINNER_AFTER_MS } from "./use-reply.ts";

/** From here on a wait is explained, and can be ended. */
const EXPLAIN_AFTER_MS = 1000;

/** Where the host tells nothing about the kernel, silence for so long means that it is busy. */
const SILENT_AFTER_MS = 5000;

export interface Action {
  label: string;
  run: () => void;
}

export interface Line {
  kernel: string;
  dot: "idle" | "busy" | "off" | null;
  words: string;
  /** What assistive technology is told: without running numbers. */
  spoken: string;
  /** Amber: needs the reader. */
  alarm: boolean;
  spinner: boolean;
  progress: Progress | null;
  actions: Action[];
}

/** What goes on, by operation; quick ones that nobody waits for are left out. */
const DOING: Partial<Record<Op, string>> = {
  open: "Opening",
  choose: "Opening",
  back_to_assets: "Closing",
  home: "Reading the session card",
  children: "Loading the tree",
  node: "Loading the object",
  preview: "Reading",
  storage: "Listing chunks",
  json: "Reading the metadata",
  search: "Searching",
  undo: "Undoing",
  redo: "Redoing",
  revert: "Reverting",
  resume_journal: "Resuming changes",
  validate: "Checking",
  export: "Exporting",
  csv: "Reading",
};

/** The preview says itself how far it is, and can be cancelled there. */
const EXPLAINED_ELSEWHERE: ReadonlySet<Op> = new Set(["preview"]);

interface Sources {
  status: ReadonlySignal<Status | null>;
  pending: ReadonlySignal<PendingJournal | null>;
  upload: ReadonlySignal<UploadState | null>;
  /** Somebody has looked at what came of it. */
  uploadSeen: ReadonlySignal<boolean>;
  showUpload: () => void;
  calls: () => readonly Call[];
  cancel: (id: string) => void;
  reconnect: (() => void) | null;
  resume: () => void;
  discard: () => void;
}

/** The bottom line of the widget: the kernel's state and one sentence, the most urgent there is. */
export class StatusLine {
  readonly kernel = signal<KernelState>("unknown");
  readonly #said = signal("");
  readonly #now = signal(Date.now());
  readonly #calls = signal<readonly Call[]>([]);
  readonly #lostSince = signal<number | null>(null);
  readonly #sources: Sources;
  #clock: ReturnType<typeof setInterval> | undefined;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  readonly line = computed<Line>(
    () =>
      this.#gone() ?? this.#lost() ?? this.#waiting() ?? this.#uploading() ?? this.#asked() ?? this.#plain(),
  );

  say(words: string): void {
    this.#said.value = words;
  }

  /** A call has started, ended or made progress. */
  update(): void {
    this.#calls.value = [...this.#sources.calls()];
    this.#tick();
  }

  setKernel(state: KernelState): void {
    this.kernel.value = state;
    this.#lostSince.value = state === "lost" ? (this.#lostSince.peek() ?? Date.now()) : null;
    this.#tick();
  }

  dispose(): void {
    clearInterval(this.#clock);
  }

  /** Time passes only while something is waited for. */
  #tick(): void {
    this.#now.value = Date.now();
    const needed = this.#calls.peek().length > 0 || this.#lostSince.peek() !== null;
    if (needed && this.#clock === undefined) {
      this.#clock = setInterval(() => {
        this.#now.value = Date.now();
      }, SPINNER_AFTER_MS);
    } else if (!needed) {
      clearInterval(this.#clock);
      this.#clock = undefined;
    }
  }

  #base(change: Partial<Line> & { words: string }): Line {
    const [kernel, dot] = KERNEL_WORDS[this.kernel.value];
    const quiet = { alarm: false, spinner: false, progress: null, actions: [] };
    return { kernel, dot, spoken: change.words, ...quiet, ...change };
  }

  #saved(): string {
    const changes = this.#sources.status.value?.changes ?? 0;
    if (changes === 0) return "";
    return ` Your ${plural(changes, "change")} ${changes === 1 ? "is" : "are"} saved in the journal.`;
  }

  #gone(): Line | null {
    if (this.kernel.value !== "gone") return null;
    return this.#base({
      words: `The kernel has ended.${this.#saved()} Run the cell again to go on.`,
      alarm: true,
    });
  }

  #lost(): Line | null {
    const since = this.#lostSince.value;
    if (since === null) return null;
    const { reconnect } = this.#sources;
    return this.#base({
      words: `Connection to the kernel lost ${wholeSeconds(this.#now.value - since)} ago.${this.#saved()}`,
      spoken: `Connection to the kernel lost.${this.#saved()}`,
      alarm: true,
      actions: reconnect ? [{ label: "Reconnect now", run: reconnect }] : [],
    });
  }

  #waiting(): Line | null {
    const call = this.#calls.value.find(({ op }) => DOING[op] !== undefined);
    if (!call) return null;
    const waited = this.#now.value - call.since;
    if (waited < SPINNER_AFTER_MS) return null;
    const doing = DOING[call.op] ?? "";
    const explained = waited >= EXPLAIN_AFTER_MS && !EXPLAINED_ELSEWHERE.has(call.op);
    const cancel = { label: "Cancel", run: () => this.#sources.cancel(call.id) };
    const silent = this.kernel.value === "unknown" && waited >= SILENT_AFTER_MS;
    if (waited >= EXPLAIN_AFTER_MS && !call.heard && (this.kernel.value === "busy" || silent)) {
      const what = silent ? "Waiting for the kernel" : "Waiting for a running cell";
      const words = `${what}, ${wholeSeconds(waited)}. The view fills by itself.`;
      return this.#base({
        kernel: "Kernel busy",
        dot: "busy",
        words,
        spoken: what,
        alarm: true,
        actions: [cancel],
      });
    }
    return this.#base({
      words: explained ? workingWords(doing, call.progress, waited) : doing,
      spoken: doing,
      spinner: true,
      progress: explained ? call.progress : null,
      actions: explained ? [cancel] : [],
    });
  }

  /** An upload runs without the view. */
  #uploading(): Line | null {
    const upload = this.#sources.upload.value;
    if (upload?.state !== "running") return null;
    return this.#base({
      words: [`Uploading, ${lowered(stepWords(upload))}`, amountWords(upload)].filter(Boolean).join(" · "),
      spoken: `Uploading to ${upload.archive} ${upload.dandiset}`,
      spinner: true,
      actions: [{ label: "Show upload", run: this.#sources.showUpload }],
    });
  }

  /** The journal of an earlier explorer waits for a decision. */
  #asked(): Line | null {
    const pending = this.#sources.pending.value;
    if (pending === null) return null;
    const { changes, saved_at } = pending;
    return this.#base({
      words: `${plural(changes, "change")} of ${saved_at} ${changes === 1 ? "was" : "were"} not exported.`,
      alarm: true,
      actions: [
        { label: `Resume ${plural(changes, "change")}`, run: this.#sources.resume },
        { label: "Discard", run: this.#sources.discard },
      ],
    });
  }

  /** What came of an upload stays here until somebody has looked at it, whatever is said meanwhile. */
  #plain(): Line {
    const upload = this.#sources.upload.value;
    const ended = upload && !this.#sources.uploadSeen.value ? endWords(upload) : "";
    return this.#base({
      words: this.#said.value || ended,
      alarm: ended !== "" && upload?.state === "failed",
      actions: ended ? [{ label: "Show upload", run: this.#sources.showUpload }] : [],
    });
  }
}

const KERNEL_WORDS: Record<KernelState, [words: string, dot: Line["dot"]]> = {
  unknown: ["", null],
  idle: ["Kernel idle", "idle"],
  busy: ["Kernel busy", "busy"],
  lost: ["Reconnecting", "off"],
  gone: ["No kernel", "off"],
};

function lowered(words: string): string {
  return words.slice(0, 1).toLowerCase() + words.slice(1);
}

function wholeSeconds(milliseconds: number): string {
  return duration(Math.max(1, Math.round(milliseconds / 1000)));
}

/** `Reading 3 of 12 · 6.1 MB`. */
function workingWords(doing: string, progress: Progress | null, waited: number): string {
  if (!progress) return `${doing}, ${wholeSeconds(waited)}`;
  const share = progress.total === null ? "" : `${count(progress.done)} of ${count(progress.total)}`;
  const amount = progress.bytes > 0 ? bytes(progress.bytes) : "";
  return [progress.words || doing, share, amount].filter(Boolean).join(" · ");
}
