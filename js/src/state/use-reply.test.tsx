import { act, cleanup, renderHook } from "@testing-library/preact";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { localFailure, type RequestError } from "../data/failure.ts";
import type { Answer, Draft, Reply } from "../data/protocol.ts";
import type { Send } from "./context.ts";
import { useReply } from "./use-reply.ts";

interface Sent {
  draft: Draft;
  signal: AbortSignal | undefined;
  answer: (text: string) => Promise<void>;
  fail: (error: RequestError) => Promise<void>;
}

/** A context whose requests wait until the test answers them. */
function setUp() {
  const sent: Sent[] = [];
  const request = ((draft: Draft, options) =>
    new Promise<Reply<Answer<"json">>>((resolve, reject) => {
      const settle = (run: () => void) => act(async () => run());
      options?.signal?.addEventListener("abort", () => reject(localFailure("cancelled", "cancelled")));
      sent.push({
        draft,
        signal: options?.signal,
        answer: (text) =>
          settle(() => resolve({ body: { type: "json", id: "", path: "", text }, buffers: [] })),
        fail: (error) => settle(() => reject(error)),
      });
    })) as Send;
  const ctx = { request };
  const hook = renderHook(
    ({ path }: { path: string | null }) => useReply(ctx, path === null ? null : { op: "json", path }),
    {
      initialProps: { path: "/a" as string | null },
    },
  );
  return { sent, hook, show: (path: string | null) => hook.rerender({ path }) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

test("an answer arrives; waits under a moment are not slow", async () => {
  const { sent, hook } = setUp();
  expect(hook.result.current).toMatchObject({ busy: true, slow: false, reply: null });
  act(() => void vi.advanceTimersByTime(300));
  expect(hook.result.current.slow).toBe(true);
  await sent[0]?.answer("one");
  expect(hook.result.current).toMatchObject({ busy: false, slow: false });
  expect(hook.result.current.reply?.body.text).toBe("one");
});

test("another request cancels the one before and ignores its late answer; the old answer stays meanwhile", async () => {
  const { sent, hook, show } = setUp();
  await sent[0]?.answer("one");
  show("/b");
  expect(hook.result.current.busy).toBe(true);
  expect(hook.result.current.reply?.body.text).toBe("one");
  show("/c");
  expect(sent[1]?.signal?.aborted).toBe(true);
  await sent[2]?.answer("three");
  await sent[1]?.answer("two");
  expect(hook.result.current.reply?.body.text).toBe("three");
});

test("the same request is not sent again by drawing anew", () => {
  const { sent, show } = setUp();
  show("/a");
  show("/a");
  expect(sent).toHaveLength(1);
});

test("a failure is kept until a retry succeeds", async () => {
  const { sent, hook } = setUp();
  await sent[0]?.fail(localFailure("protocol", "broken"));
  expect(hook.result.current.error?.message).toBe("broken");
  await act(async () => hook.result.current.retry());
  expect(hook.result.current.error).toBeNull();
  await sent[1]?.answer("mended");
  expect(hook.result.current.reply?.body.text).toBe("mended");
});

test("cancelling by hand stops, without an error", async () => {
  const { sent, hook } = setUp();
  await act(async () => hook.result.current.cancel());
  expect(sent[0]?.signal?.aborted).toBe(true);
  expect(hook.result.current).toMatchObject({ busy: false, error: null, reply: null });
});

test("nothing is asked without a request, and what is gone from the page stops", () => {
  const { sent, hook, show } = setUp();
  show(null);
  expect(hook.result.current).toMatchObject({ busy: false, reply: null });
  show("/b");
  act(() => hook.unmount());
  expect(sent.map(({ signal }) => signal?.aborted)).toEqual([true, true]);
});
