// A model without a kernel: takes requests as anywidget's does and answers from a mock session, slowly or not at all
// where a test or a state of the page wants that.
import { asRequestError } from "../../src/data/failure.ts";
import type { AnyRequest, AnyResponse, Draft } from "../../src/data/protocol.ts";
import type { Listener, Model } from "../../src/transport/model.ts";
import { failure } from "./failure.ts";
import { MockSession, type SessionOptions } from "./session.ts";

export interface MockOptions extends SessionOptions {
  selected?: string;
  view?: string;
  selection?: string;
  height?: number;
  /** Milliseconds until a request is answered; `never` leaves it open; 0, the default, answers at once. */
  delay?: (request: Draft) => number | "never";
  /** Thrown instead of an answer. */
  fail?: (request: Draft) => Error | null;
  /** Status of the kernel, as JupyterLab tells it; left out: as on hosts that tell nothing. */
  kernel?: string;
}

type Slot = () => void;

const TOLD = new Set(["choose", "back_to_assets", "upload", "cancel_upload"]);

export class MockModel implements Model {
  readonly session: MockSession;
  /** Every request that was sent, in order. */
  readonly sent: AnyRequest[] = [];
  readonly #traits: Record<string, unknown>;
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #slots = new Set<Slot>();
  readonly #open = new Set<string>();
  readonly #options: MockOptions;
  readonly #kernel = { status: "", connectionStatus: "connected", reconnect: () => Promise.resolve() };
  readonly widget_manager: unknown;

  constructor(options: MockOptions = {}) {
    this.#options = options;
    this.session = new MockSession(options);
    this.#traits = {
      selected: options.selected ?? "/",
      view: options.view ?? "home",
      selection: options.selection ?? "",
      height: options.height ?? 560,
    };
    if (options.kernel !== undefined) {
      this.#kernel.status = options.kernel;
      const signal = {
        connect: (slot: Slot) => void this.#slots.add(slot),
        disconnect: (slot: Slot) => void this.#slots.delete(slot),
      };
      this.widget_manager = {
        kernel: Object.assign(this.#kernel, { statusChanged: signal, connectionStatusChanged: signal }),
      };
    }
  }

  get(name: string): unknown {
    return this.#traits[name];
  }

  set(name: string, value: unknown): void {
    this.#traits[name] = value;
    this.#emit(`change:${name}`);
  }

  save_changes(): void {
    // Both sides of a mock are one.
  }

  on(event: string, listener: Listener): void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
  }

  off(event: string, listener: Listener): void {
    this.#listeners.get(event)?.delete(listener);
  }

  send(content: unknown): void {
    const request = content as AnyRequest;
    this.sent.push(request);
    if (request.op === "cancel") {
      if (this.#open.delete(request.target))
        this.say(asFailure(request.target, failure("cancelled", "Cancelled", "")));
      return;
    }
    this.#open.add(request.id);
    const delay = this.#options.delay?.(request) ?? 0;
    if (delay === "never") return;
    if (delay === 0) queueMicrotask(() => this.#answer(request));
    else setTimeout(() => this.#answer(request), delay);
  }

  /** What Python says. */
  say(body: AnyResponse, buffers: DataView[] = []): void {
    this.#emit("msg:custom", body, buffers);
  }

  /** Let the kernel or the connection to it change, as JupyterLab tells it. */
  setKernel(change: { status?: string; connectionStatus?: string }): void {
    Object.assign(this.#kernel, change);
    for (const slot of this.#slots) slot();
  }

  /** Requests of an operation that were sent. */
  requests<O extends AnyRequest["op"]>(op: O): Extract<AnyRequest, { op: O }>[] {
    return this.sent.filter((request): request is Extract<AnyRequest, { op: O }> => request.op === op);
  }

  #answer(request: AnyRequest): void {
    if (!this.#open.delete(request.id)) return;
    try {
      const fault = this.#options.fail?.(request);
      if (fault) throw fault;
      const { body, buffers } = this.session.answer(request);
      // Every view is told what is open now, and of an upload.
      if (TOLD.has(request.op)) this.say({ ...body, id: "" });
      this.say({ ...body, id: request.id }, buffers);
      // Every view is told of an edit.
      if (body.type === "edited") this.say({ ...body, id: "" });
    } catch (reason) {
      this.say(asFailure(request.id, reason));
    }
  }

  #emit(event: string, content?: unknown, buffers?: unknown): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(content, buffers);
  }
}

function asFailure(id: string, reason: unknown): AnyResponse {
  const { code, message, hint, details } = asRequestError(reason);
  return { type: "failure", id, code, message, hint, details };
}
