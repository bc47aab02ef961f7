import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { IconButton } from "./button.tsx";

interface DialogProps {
  title: string;
  width: number;
  onClose: () => void;
  /** Buttons at the bottom right. */
  footer?: ComponentChildren;
  children: ComponentChildren;
}

const FOCUSABLE =
  "button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea, a[href], [tabindex='0']";

/**
 * A dialog over the widget, never over the page. Focus stays inside and returns to where it came from. Whoever is
 * elsewhere in the page keeps it: a dialog may come by itself, as when an upload ends.
 */
export function Dialog({ title, width, onClose, footer, children }: DialogProps) {
  const box = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const root = box.current?.getRootNode() as Document | ShadowRoot | undefined;
    const widget = box.current?.closest(".lx");
    const isOurs = () => {
      const elsewhere = document.activeElement;
      return !elsewhere || elsewhere === document.body || widget?.contains(root?.activeElement ?? null);
    };
    const before = root?.activeElement;
    const first = box.current?.querySelector<HTMLElement>("[data-autofocus]");
    if (isOurs()) (first ?? box.current)?.focus();
    return () => {
      if (isOurs() && before instanceof HTMLElement && before !== document.body) before.focus();
    };
  }, []);

  const keepFocus = (event: KeyboardEvent) => {
    if (event.key !== "Tab") return;
    const all = [...(box.current?.querySelectorAll<HTMLElement>(FOCUSABLE) ?? [])];
    const [first, last] = [all[0], all.at(-1)];
    const leaving = event.shiftKey ? [first, box.current] : [last];
    if (!leaving.includes(event.target as HTMLElement)) return;
    event.preventDefault();
    (event.shiftKey ? last : first)?.focus();
  };

  return (
    <div class="lx-veil">
      <div
        ref={box}
        class="lx-dialog"
        style={{ width: `${width}px` }}
        role="dialog"
        aria-modal="true"
        aria-label={title}
        tabIndex={-1}
        onKeyDown={keepFocus}
      >
        <header>
          <b class="lx-grow lx-cut">{title}</b>
          <IconButton icon="x" label="Close" onClick={onClose} />
        </header>
        <div class="lx-scroll lx-dialog-body">{children}</div>
        {footer && <footer>{footer}</footer>}
      </div>
    </div>
  );
}
