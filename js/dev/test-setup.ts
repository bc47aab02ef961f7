// What jsdom lacks and modules ask for when they are loaded or mounted. Nothing is laid out, so nothing ever changes size.
class NoResizeObserver implements ResizeObserver {
  observe(): void {
    // nothing is laid out
  }
  unobserve(): void {
    // nothing is laid out
  }
  disconnect(): void {
    // nothing is laid out
  }
}

globalThis.ResizeObserver ??= NoResizeObserver;
globalThis.matchMedia ??= (media) =>
  Object.assign(new EventTarget(), {
    media,
    matches: false,
    onchange: null,
    addListener: () => undefined,
    removeListener: () => undefined,
  });
