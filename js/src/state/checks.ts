import { batch, signal } from "@preact/signals";
import { asRequestError, isCancelled, type RequestError } from "../data/failure.ts";
import type { Findings, Status } from "../data/protocol.ts";
import type { Send } from "./context.ts";

/** The findings of the last check, and whether their dock is open. */
export class CheckState {
  readonly open = signal(false);
  /** Stays as it is while it is open, whatever is edited: a list that is being worked through must not move. */
  readonly findings = signal<Findings | null>(null);
  readonly error = signal<RequestError | null>(null);
  readonly running = signal(false);
  /** The finding that was jumped to last. */
  readonly current = signal(-1);
  readonly #request: Send;
  readonly #status: (status: Status) => void;

  constructor(request: Send, status: (status: Status) => void) {
    this.#request = request;
    this.#status = status;
  }

  /** What the badge does: open or close the list, and check if there is no list of the current edit. */
  async press(checked: boolean): Promise<void> {
    if (this.open.value && (checked || this.running.value)) {
      this.open.value = false;
      return;
    }
    this.open.value = true;
    if (!checked || this.findings.value === null) await this.run();
  }

  /** Another file is open, or none. */
  clear(): void {
    batch(() => {
      this.open.value = false;
      this.findings.value = null;
      this.error.value = null;
      this.current.value = -1;
    });
  }

  async run(): Promise<void> {
    if (this.running.value) return;
    this.running.value = true;
    try {
      const { body } = await this.#request({ op: "validate" });
      batch(() => {
        this.findings.value = body;
        this.error.value = null;
        this.current.value = -1;
        this.#status(body.status);
      });
    } catch (reason) {
      if (!isCancelled(reason)) this.error.value = asRequestError(reason);
    } finally {
      this.running.value = false;
    }
  }
}
