/**
 * A token's colour as a canvas understands it: the browser works out `var()` and `color-mix()`, which not every canvas does.
 * Read anew at each drawing, as themes change.
 */
export function tokenColor(element: Element, token: string): string {
  const probe = document.createElement("i");
  probe.style.cssText = `display:none;color:var(${token})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
