import { expect, test, vi } from "vitest";
import { type KernelState, watchKernel } from "./kernel.ts";
import type { Listener, Model } from "./model.ts";

function host(kernel?: Record<string, unknown>) {
  const slots = new Set<() => void>();
  const listeners = new Map<string, Listener>();
  const signal = {
    connect: (slot: () => void) => slots.add(slot),
    disconnect: (slot: () => void) => slots.delete(slot),
  };
  const own = kernel && { ...kernel, statusChanged: signal, connectionStatusChanged: signal };
  const model = {
    on: (event: string, listener: Listener) => void listeners.set(event, listener),
    off: (event: string) => void listeners.delete(event),
    widget_manager: kernel ? { kernel: own } : undefined,
  } as unknown as Model;
  const states: KernelState[] = [];
  const watch = watchKernel(model, (state) => states.push(state));
  const change = (more: Record<string, unknown>) => {
    Object.assign(own ?? {}, more);
    for (const slot of slots) slot();
  };
  return { watch, states, change, slots, listeners };
}

test("a host that tells nothing leaves the state unknown, without a way to reconnect", () => {
  const { watch } = host();
  expect(watch.state()).toBe("unknown");
  expect(watch.reconnect).toBeNull();
});

test("busy and idle follow the kernel, each change told once", () => {
  const { watch, states, change } = host({ status: "idle", connectionStatus: "connected" });
  expect(watch.state()).toBe("idle");
  change({ status: "busy" });
  change({ status: "busy" });
  change({ status: "idle" });
  expect(states).toEqual(["busy", "idle"]);
});

test("a lost connection counts more than the kernel's last status, and comes back", () => {
  const { states, change } = host({ status: "idle", connectionStatus: "connected" });
  change({ connectionStatus: "connecting" });
  change({ connectionStatus: "connected" });
  expect(states).toEqual(["lost", "idle"]);
});

test("a restarted kernel stays gone, idle as it may be", () => {
  const { watch, states, change } = host({ status: "idle", connectionStatus: "connected" });
  change({ status: "restarting" });
  change({ status: "idle" });
  expect(states).toEqual(["gone"]);
  expect(watch.state()).toBe("gone");
});

test("a closed channel means that the Python half is gone, on every host", () => {
  const { states, listeners } = host();
  listeners.get("comm:close")?.(undefined, undefined);
  expect(states).toEqual(["gone"]);
});

test("reconnecting asks the host; disposing leaves no listener", () => {
  const reconnect = vi.fn(() => Promise.reject(new Error("still down")));
  const { watch, slots, listeners } = host({ status: "idle", connectionStatus: "connecting", reconnect });
  watch.reconnect?.();
  expect(reconnect).toHaveBeenCalledOnce();
  watch.dispose();
  expect(slots.size + listeners.size).toBe(0);
});
