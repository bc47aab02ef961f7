/** Looks up the colours of tokens as a canvas understands them. */
export interface TokenColors {
  of: (token: string) => string;
  /** Forget what was looked up: the theme may have changed. */
  refresh: () => void;
}

/**
 * The browser works out `var()` and `color-mix()` of a token, which not every canvas does. Looking up costs a style
 * calculation, so colours are remembered for one drawing.
 */
export function tokenColors(element: Element): TokenColors {
  const known = new Map<string, string>();
  const lookUp = (token: string): string => {
    const probe = document.createElement("i");
    probe.style.cssText = `display:none;color:var(${token})`;
    element.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    known.set(token, color);
    return color;
  };
  return { of: (token) => known.get(token) ?? lookUp(token), refresh: () => known.clear() };
}
