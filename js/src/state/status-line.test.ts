import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { PendingJournal, Progress, Status, UploadState } from "../data/protocol.ts";
import type { Call } from "../transport/transport.ts";
import { StatusLine } from "./status-line.ts";

const STATUS: Status = {
  changes: 0,
  undo: "",
  redo: "",
  check: "unchecked",
  errors: 0,
  warnings: 0,
  requests: 0,
  bytes: 0,
};
const PROGRESS: Progress = {
  type: "progress",
  id: "",
  words: "Checking",
  done: 3,
  total: 12,
  bytes: 6.1e6,
  requests: 4,
};

function setUp() {
  const status = signal<Status | null>(STATUS);
  const pending = signal<PendingJournal | null>(null);
  const upload = signal<UploadState | null>(null);
  const calls: Call[] = [];
  const sources = {
    cancel: vi.fn(),
    reconnect: vi.fn(),
    resume: vi.fn(),
    discard: vi.fn(),
    showUpload: vi.fn(),
    uploadSeen: signal(false),
  };
  const line = new StatusLine({ status, pending, upload, calls: () => calls, ...sources });
  const start = (op: Call["op"], more: Partial<Call> = {}) => {
    calls.push({ id: "a:1", op, since: Date.now(), heard: false, progress: null, ...more });
    line.update();
  };
  const end = () => {
    calls.length = 0;
    line.update();
  };
  return { line, status, pending, upload, start, end, ...sources };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a wait", () => {
  test("says nothing for a moment, then what is done, then for how long, with a way out", () => {
    const { line, start, end, cancel } = setUp();
    line.say("Opened");
    line.setKernel("idle");
    start("validate");
    vi.advanceTimersByTime(250);
    expect(line.line.value).toMatchObject({ words: "Opened", spinner: false });
    vi.advanceTimersByTime(250);
    expect(line.line.value).toMatchObject({ words: "Checking", spinner: true, actions: [] });
    vi.advanceTimersByTime(2000);
    expect(line.line.value).toMatchObject({ words: "Checking, 2 s", alarm: false });
    line.line.value.actions[0]?.run();
    expect(cancel).toHaveBeenCalledExactlyOnceWith("a:1");
    end();
    expect(line.line.value).toMatchObject({ words: "Opened", spinner: false });
  });

  test("shows how far it is", () => {
    const { line, start } = setUp();
    line.setKernel("idle");
    start("validate", { heard: true, progress: PROGRESS });
    vi.advanceTimersByTime(1200);
    expect(line.line.value).toMatchObject({ words: "Checking · 3 of 12 · 6.1 MB", progress: PROGRESS });
  });

  test("for a running cell turns amber; assistive technology is not told every second", () => {
    const { line, start } = setUp();
    line.setKernel("busy");
    start("preview");
    vi.advanceTimersByTime(12_000);
    expect(line.line.value).toMatchObject({
      words: "Waiting for a running cell, 12 s. The view fills by itself.",
      spoken: "Waiting for a running cell",
      kernel: "Kernel busy",
      alarm: true,
    });
  });

  test("that Python has answered to is no wait for a cell, though the kernel is busy", () => {
    const { line, start } = setUp();
    line.setKernel("busy");
    start("preview", { heard: true });
    vi.advanceTimersByTime(3000);
    expect(line.line.value).toMatchObject({ words: "Reading", alarm: false });
  });

  test("where the host tells nothing of the kernel is explained by silence", () => {
    const { line, start } = setUp();
    start("node");
    vi.advanceTimersByTime(3000);
    expect(line.line.value).toMatchObject({ kernel: "", dot: null, alarm: false });
    vi.advanceTimersByTime(6000);
    expect(line.line.value).toMatchObject({
      words: "Waiting for the kernel, 9 s. The view fills by itself.",
      alarm: true,
    });
  });

  test("for what nobody waits for is not shown", () => {
    const { line, start } = setUp();
    start("check_text");
    vi.advanceTimersByTime(5000);
    expect(line.line.value).toMatchObject({ words: "", spinner: false });
  });
});

describe("urgent things come first", () => {
  test("a lost connection over everything, with what is safe and a way back", () => {
    const { line, status, pending, reconnect } = setUp();
    status.value = { ...STATUS, changes: 2 };
    pending.value = { changes: 3, saved_at: "yesterday" };
    line.setKernel("lost");
    vi.advanceTimersByTime(4000);
    expect(line.line.value.words).toBe(
      "Connection to the kernel lost 4 s ago. Your 2 changes are saved in the journal.",
    );
    line.line.value.actions[0]?.run();
    expect(reconnect).toHaveBeenCalledOnce();
    line.setKernel("idle");
    expect(line.line.value.words).toBe("3 changes of yesterday were not exported.");
  });

  test("a kernel that has ended over a lost connection", () => {
    const { line } = setUp();
    line.setKernel("lost");
    line.setKernel("gone");
    expect(line.line.value).toMatchObject({ kernel: "No kernel", dot: "off", alarm: true });
  });
});

test("no clock runs while nothing is waited for", () => {
  const { line, start, end } = setUp();
  start("node");
  expect(vi.getTimerCount()).toBe(1);
  end();
  expect(vi.getTimerCount()).toBe(0);
  line.setKernel("lost");
  expect(vi.getTimerCount()).toBe(1);
  line.dispose();
  expect(vi.getTimerCount()).toBe(0);
});

test("an upload runs without the view, which says how far it is and leads to it", () => {
  const { line, upload, pending, showUpload } = setUp();
  pending.value = { changes: 3, saved_at: "2024-03-12 15:30 +01:00" };
  upload.value = UPLOAD;
  expect(line.line.value.words).toBe(
    "Uploading, step 4 of 9: sending the new data · 12 MB of 40 MB · 4 MB/s · about 7 s left",
  );
  expect(line.line.value.spoken).toBe("Uploading to dandi-sandbox 208811");
  line.line.value.actions[0]?.run();
  expect(showUpload).toHaveBeenCalled();
  upload.value = { ...UPLOAD, state: "done" };
  expect(line.line.value.words).toContain("3 changes");
});

test("what came of an upload stays until somebody has looked, whatever is said meanwhile", () => {
  const { line, upload, uploadSeen, showUpload } = setUp();
  upload.value = { ...UPLOAD, state: "failed", problem: "dandi-sandbox is busy" };
  line.say("Set unit to “volts”");
  expect(line.line.value).toMatchObject({ words: "Set unit to “volts”", alarm: true });
  line.say("");
  expect(line.line.value.words).toBe("The upload to dandi-sandbox 208811 has stopped: dandi-sandbox is busy");
  line.line.value.actions[0]?.run();
  expect(showUpload).toHaveBeenCalledOnce();
  upload.value = { ...UPLOAD, state: "done" };
  expect(line.line.value).toMatchObject({ words: "Uploaded to dandi-sandbox 208811.", alarm: false });
  uploadSeen.value = true;
  expect(line.line.value).toMatchObject({ words: "", actions: [] });
});

const UPLOAD: UploadState = {
  type: "upload_state",
  id: "",
  state: "running",
  archive: "dandi-sandbox",
  dandiset: "208811",
  path: "a.nwb.lindi.json",
  mode: "auto",
  conflict: "ask",
  replaces: "",
  production: false,
  step: 4,
  label: "Sending the new data",
  done: 12e6,
  total: 40e6,
  rate: 4e6,
  uploaded: null,
  edited: false,
  left: [],
  code: "",
  problem: "",
  hint: "",
};
