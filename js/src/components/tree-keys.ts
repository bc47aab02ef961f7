import { useRef } from "preact/hooks";
import { findByName, parentIndex, type TreeModel } from "../data/tree-model.ts";

/** Letters typed within this time make one word. */
const WORD_MS = 700;

export interface TreeKeyActions {
  move: (index: number) => void;
  toggle: (index: number) => void;
  /** Select, or open what is selected already. */
  enter: (index: number) => void;
  expandSiblings: (index: number) => void;
}

/** The keys of a tree: arrows, Home and End, pages, Enter, `*`, and letters that find a name. */
export function useTreeKeys(
  tree: TreeModel,
  active: number,
  page: number,
  actions: TreeKeyActions,
): (event: KeyboardEvent) => void {
  const typed = useRef({ text: "", at: 0 });
  const last = tree.size() - 1;
  const move = (index: number) => actions.move(Math.min(last, Math.max(0, index)));

  const keys: Record<string, () => void> = {
    ArrowDown: () => move(active + 1),
    ArrowUp: () => move(active - 1),
    PageDown: () => move(active + page),
    PageUp: () => move(active - page),
    Home: () => move(0),
    End: () => move(last),
    ArrowRight() {
      const expanded = tree.at(active)?.expanded;
      if (expanded === false) actions.toggle(active);
      else if (expanded) move(active + 1);
    },
    ArrowLeft() {
      if (tree.at(active)?.expanded) actions.toggle(active);
      else if (active > 0) move(parentIndex(tree, active));
    },
    Enter: () => actions.enter(active),
    "*": () => actions.expandSiblings(active),
  };

  const typeAhead = (letter: string, now: number) => {
    const going = now - typed.current.at < WORD_MS && typed.current.text !== "";
    const text = going ? typed.current.text + letter : letter;
    typed.current = { text, at: now };
    // A single letter moves on from the active row; a longer word may still be the active row's.
    const index = findByName(tree, text, going ? active : active + 1);
    if (index >= 0) move(index);
  };

  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const now = event.timeStamp;
    const going = now - typed.current.at < WORD_MS && typed.current.text !== "";
    // A word starts with a letter; once begun it takes digits, dots, dashes and spaces too.
    const letter = going ? /^[\p{L}\p{N}_. -]$/u.test(event.key) : /^\p{L}$|^_$/u.test(event.key);
    const run = letter ? () => typeAhead(event.key, now) : keys[event.key];
    if (!letter) typed.current.text = "";
    if (!run) return;
    event.preventDefault();
    event.stopPropagation();
    run();
  };
}
