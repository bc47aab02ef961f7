import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { useUniqueId } from "./use-unique-id.ts";

const SHOW_AFTER_MS = 500;

interface Tip {
  text: string;
  target: HTMLElement;
}

/** One tooltip for everything below `root` that has `data-tip`: after a moment on hover, at once on keyboard focus. */
export function Tooltips({ root }: { root: RefObject<HTMLElement | null> }) {
  const [tip, setTip] = useState<Tip | null>(null);
  const [place, setPlace] = useState({ left: 0, top: 0 });
  const bubble = useRef<HTMLDivElement>(null);
  const id = useUniqueId();

  useEffect(() => {
    const element = root.current;
    if (!element) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const hide = () => {
      clearTimeout(timer);
      setTip(null);
    };
    const hover = (event: Event) => {
      const found = tipOf(event.target);
      hide();
      if (found) timer = setTimeout(() => setTip(found), SHOW_AFTER_MS);
    };
    const focus = (event: Event) => {
      const found = tipOf(event.target);
      if (found?.target.matches(":focus-visible")) setTip(found);
    };
    const listeners: [string, (event: Event) => void][] = [
      ["pointerover", hover],
      ["pointerleave", hide],
      ["pointerdown", hide],
      ["focusin", focus],
      ["focusout", hide],
      ["keydown", hide],
    ];
    for (const [event, listener] of listeners) element.addEventListener(event, listener);
    element.addEventListener("scroll", hide, true);
    return () => {
      hide();
      for (const [event, listener] of listeners) element.removeEventListener(event, listener);
      element.removeEventListener("scroll", hide, true);
    };
  }, [root]);

  useLayoutEffect(() => {
    if (!tip || !bubble.current || !root.current) return undefined;
    const frame = root.current.getBoundingClientRect();
    const box = tip.target.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = bubble.current;
    const below = box.bottom - frame.top + 4;
    const top = below + height > frame.height ? box.top - frame.top - height - 4 : below;
    const left = Math.min(Math.max(4, box.left - frame.left), Math.max(4, frame.width - width - 4));
    setPlace({ left, top });
    tip.target.setAttribute("aria-describedby", id);
    return () => tip.target.removeAttribute("aria-describedby");
  }, [tip, root, id]);

  return (
    <div
      ref={bubble}
      id={id}
      role="tooltip"
      class="lx-tip"
      hidden={tip === null}
      style={{ left: `${place.left}px`, top: `${place.top}px` }}
    >
      {tip?.text}
    </div>
  );
}

function tipOf(target: EventTarget | null): Tip | null {
  const element = target instanceof Element ? target.closest<HTMLElement>("[data-tip]") : null;
  const text = element?.dataset["tip"];
  return element && text ? { text, target: element } : null;
}
