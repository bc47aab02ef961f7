import { afterEach, describe, expect, test, vi } from "vitest";
import { RequestError } from "../data/failure.ts";
import type { Listener, Model } from "./model.ts";
import { Transport } from "./transport.ts";

interface Sent {
  op: string;
  id: string;
  target?: string;
}

/** A model that only keeps what was sent and lets a test speak for Python. */
function wire() {
  const listeners = new Set<Listener>();
  const sent: Sent[] = [];
  const model: Model = {
    get: () => undefined,
    set: () => undefined,
    save_changes: () => undefined,
    send: (content) => void sent.push(content as Sent),
    on: (event, listener) => void (event === "msg:custom" && listeners.add(listener)),
    off: (_, listener) => void listeners.delete(listener),
  };
  const say = (content: unknown, buffers: unknown = []) => {
    for (const listener of listeners) listener(content, buffers);
  };
  return { model, sent, say, listeners };
}

const json = (id: string, text = "{}") => ({ type: "json", id, path: "/", text });
const failed = async (promise: Promise<unknown>): Promise<RequestError> => {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RequestError);
  return error as RequestError;
};

afterEach(() => vi.useRealTimers());

describe("a request", () => {
  test("resolves with the answer of its id and the buffers as data views", async () => {
    const { model, sent, say } = wire();
    const reply = new Transport(model).request({ op: "json", path: "/" });
    say(json("somebody:0", "not this one"));
    say(json(sent[0]?.id ?? "", "this one"), [
      new Uint8Array([1, 2]).buffer,
      new Uint8Array([0, 7]).subarray(1),
    ]);
    const { body, buffers } = await reply;
    expect(body.text).toBe("this one");
    expect(buffers.map((view) => [view.byteLength, view.getUint8(0)])).toEqual([
      [2, 1],
      [1, 7],
    ]);
  });

  test("of two views of one model never has the id of the other's", () => {
    const { model, sent } = wire();
    for (const transport of [new Transport(model), new Transport(model)])
      void transport.request({ op: "home" });
    expect(sent[0]?.id).not.toBe(sent[1]?.id);
  });

  test("rejects with the failure Python sent", async () => {
    const { model, sent, say } = wire();
    const reply = new Transport(model).request({ op: "home" });
    say({ type: "failure", id: sent[0]?.id, code: "stale", message: "m", hint: "h", details: "d" });
    expect(await failed(reply)).toMatchObject({ code: "stale", message: "m", hint: "h", details: "d" });
  });

  test("rejects an answer of another kind instead of handing it over", async () => {
    const { model, sent, say } = wire();
    const reply = new Transport(model).request({ op: "home" });
    say(json(sent[0]?.id ?? ""));
    expect(await failed(reply)).toMatchObject({ code: "protocol" });
  });

  test("reports progress before its answer", async () => {
    const { model, sent, say } = wire();
    const onProgress = vi.fn();
    const transport = new Transport(model);
    const reply = transport.request({ op: "json", path: "/" }, { onProgress });
    expect(transport.calls()[0]).toMatchObject({ op: "json", heard: false });
    say({ type: "progress", id: sent[0]?.id, words: "Reading", done: 1, total: 4, bytes: 10, requests: 1 });
    expect(transport.calls()[0]).toMatchObject({ heard: true });
    say(json(sent[0]?.id ?? ""));
    await reply;
    expect(onProgress).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ done: 1, total: 4 }));
    expect(transport.calls()).toEqual([]);
  });
});

describe("cancelling", () => {
  test("rejects at once, tells Python, and ignores the late answer", async () => {
    const { model, sent, say } = wire();
    const stop = new AbortController();
    const reply = new Transport(model).request({ op: "json", path: "/" }, { signal: stop.signal });
    stop.abort();
    expect(await failed(reply)).toMatchObject({ code: "cancelled" });
    expect(sent[1]).toMatchObject({ op: "cancel", target: sent[0]?.id });
    say(json(sent[0]?.id ?? ""));
    expect(sent).toHaveLength(2);
  });

  test("before the request sends nothing", async () => {
    const { model, sent } = wire();
    const reply = new Transport(model).request({ op: "home" }, { signal: AbortSignal.abort() });
    expect(await failed(reply)).toMatchObject({ code: "cancelled" });
    expect(sent).toEqual([]);
  });

  test("after the answer sends nothing", async () => {
    const { model, sent, say } = wire();
    const stop = new AbortController();
    const reply = new Transport(model).request({ op: "json", path: "/" }, { signal: stop.signal });
    say(json(sent[0]?.id ?? ""));
    await reply;
    stop.abort();
    expect(sent).toHaveLength(1);
  });
});

describe("the connection", () => {
  test("lost and back: what reads is asked again, what edits is given up", async () => {
    const { model, sent, say } = wire();
    const transport = new Transport(model);
    const read = transport.request({ op: "json", path: "/" });
    const edit = transport.request({ op: "undo" });
    transport.resend(new RequestError({ code: "disconnected", message: "gone", hint: "", details: "" }));
    expect(await failed(edit)).toMatchObject({ code: "disconnected" });
    expect(sent.map(({ op }) => op)).toEqual(["json", "undo", "json"]);
    expect(sent[2]).toEqual(sent[0]);
    // Both answers may arrive after all: the first one counts.
    say(json(sent[0]?.id ?? "", "first"));
    say(json(sent[0]?.id ?? "", "second"));
    expect((await read).body.text).toBe("first");
  });

  test("closed: later calls are refused without being sent", async () => {
    const { model, sent } = wire();
    const transport = new Transport(model);
    transport.close(new RequestError({ code: "disconnected", message: "gone", hint: "", details: "" }));
    expect(await failed(transport.request({ op: "home" }))).toMatchObject({ code: "disconnected" });
    expect(sent).toEqual([]);
  });
});

test("events without an id reach the listener, and rubbish reaches nobody", () => {
  const { model, say } = wire();
  const transport = new Transport(model);
  transport.onEvent = vi.fn();
  for (const content of [null, 3, "text", {}, { type: "status" }, { id: "" }]) say(content);
  say({ type: "status", id: "", status: { changes: 1 } });
  expect(transport.onEvent).toHaveBeenCalledOnce();
});

test("a disposed transport listens no more and stops its calls", async () => {
  const { model, sent, listeners } = wire();
  const transport = new Transport(model);
  const reply = transport.request({ op: "home" });
  transport.dispose();
  expect(await failed(reply)).toMatchObject({ code: "cancelled" });
  expect(sent.at(-1)).toMatchObject({ op: "cancel" });
  expect(listeners.size).toBe(0);
});
