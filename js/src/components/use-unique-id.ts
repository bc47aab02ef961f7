import { useState } from "preact/hooks";

// Every model loads this module anew, and Preact's own ids repeat from one root to the next: two explorers on one page
// must not share ids.
const prefix = `lx-${Math.random().toString(36).slice(2, 8)}`;
let next = 0;

/** An id that no other element of the page has. */
export function uniqueId(): string {
  next += 1;
  return `${prefix}-${next}`;
}

/** One such id for the life of a component. */
export function useUniqueId(): string {
  return useState(uniqueId)[0];
}
