import { batch, signal } from "@preact/signals";
import { asRequestError, type RequestError } from "../data/failure.ts";
import type { Draft, UploadState } from "../data/protocol.ts";
import type { Send } from "./context.ts";

/** The upload of the open file. It runs without a view; this one is told how far it is. */
export class UploadProgress {
  /** Null until it is known whether there is one. */
  readonly state = signal<UploadState | null>(null);
  /** Why it could not be begun. */
  readonly error = signal<RequestError | null>(null);
  /** What came of the last upload is put away: another one is being prepared. */
  readonly preparing = signal(false);
  /** The upload was asked to stop, and has not stopped yet. */
  readonly cancelling = signal(false);
  /** Somebody has looked at what came of the last upload. */
  readonly seen = signal(false);
  readonly #request: Send;

  constructor(request: Send) {
    this.#request = request;
  }

  /** Ask how far it is: this view may be new. */
  async load(): Promise<void> {
    try {
      this.take((await this.#request({ op: "upload_state" })).body);
    } catch {
      // It is asked for again when the next file is open; until then there is none.
    }
  }

  /** Python says how far it is. */
  take(state: UploadState): void {
    batch(() => {
      this.state.value = state;
      this.error.value = null;
      if (state.state !== "running") {
        this.cancelling.value = false;
        return;
      }
      // What comes of this one is to be looked at, whatever was being prepared meanwhile.
      this.preparing.value = false;
      this.seen.value = false;
    });
  }

  /** What was uploaded is not what there is now: once it has been seen, the next upload is about the edits. */
  edited(): void {
    if (this.seen.peek()) this.preparing.value = true;
  }

  clear(): void {
    batch(() => {
      this.state.value = null;
      this.error.value = null;
      this.preparing.value = false;
      this.cancelling.value = false;
      this.seen.value = false;
    });
  }

  async start(draft: Draft<"upload">): Promise<void> {
    this.error.value = null;
    try {
      const { body } = await this.#request(draft);
      // The events that came before the answer know more.
      if (this.state.peek() === null) this.take(body);
    } catch (reason) {
      this.error.value = asRequestError(reason);
    }
  }

  /** What was asked for last, once more; what has arrived is not sent again. */
  retry(): void {
    const last = this.state.peek();
    if (!last) return;
    const { archive, dandiset, path, mode, conflict, replaces, production } = last;
    void this.start({ op: "upload", archive, dandiset, path, mode, conflict, replaces, production });
  }

  cancel(): void {
    this.cancelling.value = true;
    void this.#request({ op: "cancel_upload" }).catch((reason) => {
      this.cancelling.value = false;
      this.error.value = asRequestError(reason);
    });
  }
}
