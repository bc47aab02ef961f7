// Paths of nodes: absolute, `/` is the root, names hold anything but a slash.

/** The path above; the root is its own parent. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** The last name; `/` for the root. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1) || "/";
}

/** Root, then each step down to the path itself. */
export function lineage(path: string): string[] {
  const steps = ["/"];
  for (const name of path.split("/")) {
    if (name === "") continue;
    const above = steps.at(-1) ?? "/";
    steps.push(above === "/" ? `/${name}` : `${above}/${name}`);
  }
  return steps;
}

/** 1 for the root, as ARIA counts levels. */
export function levelOf(path: string): number {
  return lineage(path).length;
}

/** Whether `path` is `above` itself or lies below it. */
export function isWithin(path: string, above: string): boolean {
  return path === above || above === "/" || path.startsWith(`${above}/`);
}

/** As written in sentences and lists: without the leading slash. */
export function shownPath(path: string): string {
  return path === "/" ? "/" : path.slice(1);
}
