import { localFailure, RequestError } from "../data/failure.ts";
import {
  ANSWERS,
  type Answer,
  type AnyResponse,
  type Draft,
  type Progress,
  type Reply,
} from "../data/protocol.ts";
import type { Model } from "./model.ts";

export interface CallOptions {
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

/** A request without an answer yet. */
export interface Call {
  id: string;
  op: Draft["op"];
  since: number;
  /** Whether the Python side has said anything about it: the kernel is then alive and at work. */
  heard: boolean;
  progress: Progress | null;
}

interface Pending extends Call {
  draft: Draft;
  resolve: (reply: Reply<AnyResponse>) => void;
  reject: (error: RequestError) => void;
  onProgress: ((progress: Progress) => void) | undefined;
  release: () => void;
}

/** Operations that must not be carried out twice. */
const EDITS: ReadonlySet<Draft["op"]> = new Set([
  "set_attribute",
  "delete_attribute",
  "set_value",
  "undo",
  "redo",
  "revert",
  "resume_journal",
  "discard_journal",
  "export",
  "upload",
]);

/** Requests and answers over the messages of one model, for one of its views. */
export class Transport {
  readonly #model: Model;
  readonly #pending = new Map<string, Pending>();
  readonly #prefix: string;
  #next = 0;
  #refusal: RequestError | null = null;
  /** Takes what Python says unasked. */
  onEvent: (event: AnyResponse) => void = () => undefined;
  /** Called when a call starts, ends or makes progress. */
  onCalls: () => void = () => undefined;

  constructor(model: Model, prefix: string = randomPrefix()) {
    this.#model = model;
    this.#prefix = prefix;
    model.on("msg:custom", this.#receive);
  }

  /** Send a request. Rejects with a `RequestError` only; aborting rejects at once and tells Python to stop. */
  request<R extends Draft>(
    draft: R,
    { signal, onProgress }: CallOptions = {},
  ): Promise<Reply<Answer<R["op"]>>> {
    if (this.#refusal) return Promise.reject(this.#refusal);
    if (signal?.aborted) return Promise.reject(cancelled());
    const id = `${this.#prefix}:${this.#next++}`;
    const promise = new Promise<Reply<AnyResponse>>((resolve, reject) => {
      const abort = () => {
        this.#model.send({ op: "cancel", id: `${this.#prefix}:${this.#next++}`, target: id });
        this.#settle(id)?.reject(cancelled());
      };
      signal?.addEventListener("abort", abort, { once: true });
      const release = () => signal?.removeEventListener("abort", abort);
      const call: Call = { id, op: draft.op, since: Date.now(), heard: false, progress: null };
      this.#pending.set(id, { ...call, draft, resolve, reject, onProgress, release });
    });
    this.#model.send({ ...draft, id });
    this.onCalls();
    // `#receive` has compared the answer's type with the operation.
    return promise as Promise<Reply<Answer<R["op"]>>>;
  }

  /** Calls without an answer, oldest first. */
  calls(): readonly Call[] {
    return [...this.#pending.values()];
  }

  /** Stop one call as its own abort signal would. */
  cancel(id: string): void {
    const call = this.#settle(id);
    if (!call) return;
    this.#model.send({ op: "cancel", id: `${this.#prefix}:${this.#next++}`, target: id });
    call.reject(cancelled());
  }

  /** The connection is back, but answers may have been lost: ask again what only reads, give up what edits. */
  resend(error: RequestError): void {
    for (const [id, { op, draft }] of [...this.#pending]) {
      if (EDITS.has(op)) this.#settle(id)?.reject(error);
      else this.#model.send({ ...draft, id });
    }
  }

  /** Answer this and every later call with a failure: nobody is there any more. */
  close(error: RequestError): void {
    this.#refusal = error;
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(error);
  }

  dispose(): void {
    this.#model.off("msg:custom", this.#receive);
    for (const id of [...this.#pending.keys()]) this.cancel(id);
    this.onEvent = () => undefined;
    this.onCalls = () => undefined;
  }

  readonly #receive = (content: unknown, buffers: unknown): void => {
    if (!isResponse(content)) return;
    if (content.id === "") {
      this.onEvent(content);
      return;
    }
    const call = this.#pending.get(content.id);
    if (!call) return; // another view's, or too late
    call.heard = true;
    if (content.type === "progress") {
      call.progress = content;
      call.onProgress?.(content);
      this.onCalls();
      return;
    }
    this.#settle(content.id);
    if (content.type === "failure") call.reject(new RequestError(content));
    else if (!(ANSWERS[call.op] as readonly string[]).includes(content.type))
      call.reject(wrongAnswer(call, content));
    else call.resolve({ body: content, buffers: asViews(buffers) });
  };

  #settle(id: string): Pending | undefined {
    const call = this.#pending.get(id);
    if (!call) return undefined;
    this.#pending.delete(id);
    call.release();
    this.onCalls();
    return call;
  }
}

function cancelled(): RequestError {
  return localFailure("cancelled", "The request was cancelled");
}

function wrongAnswer(call: Call, body: AnyResponse): RequestError {
  const words = `The answer to “${call.op}” is of the kind “${body.type}”`;
  return localFailure(
    "protocol",
    words,
    "Restart the kernel and reload the page, so that both halves are of one version.",
  );
}

function isResponse(content: unknown): content is AnyResponse {
  if (typeof content !== "object" || content === null) return false;
  const { type, id } = content as { type?: unknown; id?: unknown };
  return typeof type === "string" && typeof id === "string";
}

/** Hosts differ: data views, buffers or typed arrays. */
function asViews(buffers: unknown): DataView[] {
  if (!Array.isArray(buffers)) return [];
  return buffers.map((item: ArrayBuffer | ArrayBufferView) =>
    ArrayBuffer.isView(item)
      ? new DataView(item.buffer, item.byteOffset, item.byteLength)
      : new DataView(item),
  );
}

/** Replies reach every view of a model, so ids must not meet. (`randomUUID` is missing on plain http hubs.) */
function randomPrefix(): string {
  return Math.random().toString(36).slice(2, 10);
}
