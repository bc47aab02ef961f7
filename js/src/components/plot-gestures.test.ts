import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { followPan, followWheel, keyAction, type PlotGestures, wheelAction } from "./plot-gestures.ts";

const none = { deltaX: 0, deltaY: 0, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };

function gestures() {
  return {
    onStretch: vi.fn(),
    onZoom: vi.fn(),
    onPan: vi.fn(),
    onEnd: vi.fn(),
    onBack: vi.fn(),
    onGain: vi.fn(),
    onPick: vi.fn(),
  } satisfies PlotGestures;
}

describe("the wheel", () => {
  test.each([
    ["plain", { deltaY: 100 }, null],
    ["with Ctrl", { deltaY: 100, ctrlKey: true }, "zoom"],
    ["with Cmd", { deltaY: 100, metaKey: true }, "zoom"],
    ["with Alt", { deltaY: 100, altKey: true }, "gain"],
    ["sideways", { deltaX: 50, deltaY: 3 }, "pan"],
    ["nearly upright", { deltaX: 3, deltaY: 50 }, null],
    ["with Shift", { deltaY: 100, shiftKey: true }, "pan"],
  ])("%s", (_name, change, action) => {
    expect(wheelAction({ ...none, ...change })).toBe(action);
  });

  let element: HTMLElement;
  beforeEach(() => {
    element = document.body.appendChild(document.createElement("div"));
    vi.spyOn(element, "getBoundingClientRect").mockReturnValue({ left: 100, width: 400 } as DOMRect);
  });
  afterEach(() => element.remove());
  const turn = (init: WheelEventInit) => {
    const event = new WheelEvent("wheel", { bubbles: true, cancelable: true, ...init });
    element.dispatchEvent(event);
    return event;
  };

  test("plain, it scrolls the notebook", () => {
    const taken = gestures();
    followWheel(element, () => taken);
    expect(turn({ deltaY: 100 }).defaultPrevented).toBe(false);
    for (const gesture of Object.values(taken)) expect(gesture).not.toHaveBeenCalled();
  });

  test("with Ctrl it zooms about the pointer, without scrolling or zooming the page", () => {
    const taken = gestures();
    followWheel(element, () => taken);
    expect(turn({ deltaY: -100, ctrlKey: true, clientX: 200 }).defaultPrevented).toBe(true);
    const [factor, about] = taken.onZoom.mock.lastCall ?? [];
    expect(factor).toBeLessThan(1);
    expect(about).toBe(0.25);
    turn({ deltaY: 100, ctrlKey: true, clientX: 200 });
    expect(taken.onZoom.mock.lastCall?.[0]).toBeCloseTo(1 / factor);
  });

  test("with Alt it turns the gain, sideways it pans", () => {
    const taken = gestures();
    const stop = followWheel(element, () => taken);
    turn({ deltaY: -1, altKey: true });
    expect(taken.onGain).toHaveBeenLastCalledWith(1);
    turn({ deltaX: 40 });
    expect(taken.onPan).toHaveBeenLastCalledWith(0.1);
    stop();
    turn({ deltaX: 40 });
    expect(taken.onPan).toHaveBeenCalledTimes(1);
  });
});

test("a drag with Shift moves along and is not a mark; without it, it is left to the plot", () => {
  const element = document.body.appendChild(document.createElement("div"));
  vi.spyOn(element, "clientWidth", "get").mockReturnValue(400);
  const taken = gestures();
  const marked = vi.fn();
  const stop = followPan(element, () => taken);
  element.addEventListener("mousedown", marked);
  element.dispatchEvent(new MouseEvent("mousedown", { clientX: 300 }));
  document.dispatchEvent(new MouseEvent("mousemove", { clientX: 200 }));
  expect(marked).toHaveBeenCalledTimes(1);
  expect(taken.onPan).not.toHaveBeenCalled();
  element.dispatchEvent(new MouseEvent("mousedown", { clientX: 300, shiftKey: true }));
  document.dispatchEvent(new MouseEvent("mousemove", { clientX: 200 }));
  expect(marked).toHaveBeenCalledTimes(1);
  expect(taken.onPan).toHaveBeenLastCalledWith(0.25);
  document.dispatchEvent(new MouseEvent("mouseup"));
  document.dispatchEvent(new MouseEvent("mousemove", { clientX: 0 }));
  expect(taken.onPan).toHaveBeenCalledTimes(1);
  stop();
});

test.each([
  ["ArrowLeft", "onPan", -0.25],
  ["ArrowRight", "onPan", 0.25],
  ["Home", "onEnd", -1],
  ["End", "onEnd", 1],
  ["+", "onGain", 1],
  ["-", "onGain", -1],
] as const)("key %s: %s %d", (key, gesture, value) => {
  const taken = gestures();
  keyAction(key)?.(taken);
  expect(taken[gesture]).toHaveBeenCalledWith(value);
});

test("other keys mean nothing", () => {
  expect(keyAction("d")).toBeNull();
  expect(keyAction("Tab")).toBeNull();
});
