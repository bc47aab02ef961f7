// What the host tells about the kernel. Only JupyterLab and Notebook do; elsewhere the state stays `unknown`
// and the shell goes by unanswered calls.
import type { Model } from "./model.ts";

export type KernelState = "unknown" | "idle" | "busy" | "lost" | "gone";

interface HostSignal {
  connect(slot: () => void): void;
  disconnect(slot: () => void): void;
}

/** The part of JupyterLab's kernel connection that is used, all of it optional. */
interface HostKernel {
  status?: string;
  connectionStatus?: string;
  statusChanged?: HostSignal;
  connectionStatusChanged?: HostSignal;
  reconnect?: () => Promise<void>;
}

export interface KernelWatch {
  state(): KernelState;
  /** Try to reach the kernel now; null where the host has no such thing. */
  reconnect: (() => void) | null;
  dispose(): void;
}

const STATES: Record<string, KernelState> = {
  idle: "idle",
  busy: "busy",
  starting: "busy",
  restarting: "gone",
  autorestarting: "gone",
  terminating: "gone",
  dead: "gone",
};

/** Watch the kernel behind a model; `changed` is called with every new state. */
export function watchKernel(model: Model, changed: (state: KernelState) => void): KernelWatch {
  const kernel = kernelOf(model);
  // A restarted kernel is idle again, but our Python half has gone with the old one.
  let gone = false;
  const read = (): KernelState => {
    if (gone) return "gone";
    if (kernel.connectionStatus !== undefined && kernel.connectionStatus !== "connected") return "lost";
    return STATES[kernel.status ?? ""] ?? "unknown";
  };
  let last = read();
  const update = () => {
    const next = read();
    if (next === last) return;
    last = next;
    gone ||= next === "gone";
    changed(next);
  };
  const closed = () => {
    gone = true;
    update();
  };
  kernel.statusChanged?.connect(update);
  kernel.connectionStatusChanged?.connect(update);
  model.on("comm:close", closed);
  return {
    state: () => last,
    reconnect: kernel.reconnect ? () => void kernel.reconnect?.().catch(() => undefined) : null,
    dispose() {
      kernel.statusChanged?.disconnect(update);
      kernel.connectionStatusChanged?.disconnect(update);
      model.off("comm:close", closed);
    },
  };
}

function kernelOf(model: Model): HostKernel {
  const manager = model.widget_manager as { kernel?: HostKernel | null } | null | undefined;
  return manager?.kernel ?? {};
}
