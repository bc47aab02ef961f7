/**
 * Keeps the focus inside when the element that has it goes away, as a button does that did its work: on the page the
 * next `d d` would delete the notebook's cell. Call what is returned to stop.
 */
export function keepFocus(root: HTMLElement): () => void {
  // The focused element and everything above it up to the root, innermost first.
  let held: Element[] = [];
  const hold = (event: Event) => {
    held = [];
    for (let element = event.target as Element | null; element; element = element.parentElement) {
      held.push(element);
      if (element === root) return;
    }
  };
  const release = (event: FocusEvent) => {
    // Whoever leaves for elsewhere leaves an element that is still there.
    if ((event.target as Element).isConnected && root.isConnected) held = [];
  };
  const rescue = () => {
    const [focused, ...above] = held;
    if (!focused || focused.isConnected) return;
    const { activeElement } = root.getRootNode() as Document | ShadowRoot;
    if (activeElement && activeElement !== document.body) return;
    const place = above.find((element) => element.isConnected);
    held = [];
    (firstFocusable(place) ?? root).focus({ preventScroll: true });
  };
  const observer = new MutationObserver(rescue);
  observer.observe(root, { childList: true, subtree: true });
  root.tabIndex = -1;
  root.addEventListener("focusin", hold);
  root.addEventListener("focusout", release);
  return () => {
    observer.disconnect();
    root.removeEventListener("focusin", hold);
    root.removeEventListener("focusout", release);
  };
}

function firstFocusable(place: Element | undefined): HTMLElement | null {
  return (
    place?.querySelector<HTMLElement>("button:not(:disabled), input, textarea, select, [tabindex='0']") ??
    null
  );
}
