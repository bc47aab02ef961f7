// Keys of the whole widget. They never reach the notebook: `d d` with the focus in the tree would delete the cell.
import { shownPath } from "../../data/path.ts";
import type { Explorer } from "../../state/explorer.ts";
import { tabsOf } from "./tab-bar.tsx";

/** What the list of keys says; the keys of parts are handled where the parts are. */
export const KEY_LIST: readonly { title: string; keys: readonly (readonly [key: string, does: string])[] }[] =
  [
    {
      title: "Everywhere",
      keys: [
        ["/", "Search"],
        ["[", "Hide or show the tree"],
        ["1 to 4", "Tabs"],
        ["Alt ← →", "Back and forward"],
        ["Ctrl Z, Ctrl Shift Z", "Undo, redo"],
        ["Ctrl C", "Copy path or selection"],
        ["e", "Next edited object (outside the tree)"],
        ["f", "Next finding (outside the tree)"],
        ["Esc", "Close, cancel a read, back to the tree, back to the notebook"],
        ["?", "This list"],
      ],
    },
    {
      title: "Tree",
      keys: [
        ["↑ ↓ PgUp PgDn Home End", "Move"],
        ["→ ←", "Expand, collapse, child, parent"],
        ["Enter", "Open; again: expand or follow a link"],
        ["*", "Expand all beside"],
        ["Letters", "Find a name"],
      ],
    },
    {
      title: "Attributes",
      keys: [
        ["Enter, F2", "Edit"],
        ["Enter", "Keep"],
        ["Esc", "Restore"],
        ["Tab", "Keep and go on"],
        ["Delete", "Delete the attribute"],
      ],
    },
    {
      title: "Plots and images",
      keys: [
        ["← →", "Pan"],
        ["+ −", "Gain"],
        ["Space", "Play"],
      ],
    },
  ];

/** Take the keys of the widget; call what is returned to give them back. */
export function takeKeys(explorer: Explorer, root: HTMLElement): () => void {
  const listener = (event: KeyboardEvent) => onKey(explorer, root, event);
  root.addEventListener("keydown", listener);
  return () => root.removeEventListener("keydown", listener);
}

function onKey(explorer: Explorer, root: HTMLElement, event: KeyboardEvent): void {
  const run = commandOf(explorer, root, event);
  // Chords belong to the host, but for those that are ours.
  if (run || !(event.ctrlKey || event.metaKey)) event.stopPropagation();
  if (!run || event.defaultPrevented) return;
  event.preventDefault();
  run();
}

function commandOf(explorer: Explorer, root: HTMLElement, event: KeyboardEvent): (() => void) | null {
  const typing = isTextField(event.target);
  if (event.ctrlKey || event.metaKey) return chordOf(explorer, event, typing);
  if (explorer.choosing.list.peek()) return listKey(explorer, root, event, typing);
  if (event.altKey) {
    if (event.key === "ArrowLeft") return () => explorer.step("back");
    return event.key === "ArrowRight" ? () => explorer.step("forward") : null;
  }
  if (event.key === "Escape") return () => closeTopmost(explorer, root);
  return typing || explorer.dialog.peek() ? null : plainKey(explorer, root, event.key);
}

/** While no file is open there are few. */
function listKey(
  explorer: Explorer,
  root: HTMLElement,
  event: KeyboardEvent,
  typing: boolean,
): (() => void) | null {
  if (event.altKey) return null;
  if (event.key === "Escape") return () => closeTopmost(explorer, root);
  if (typing || !["/", "[", "?"].includes(event.key)) return null;
  return plainKey(explorer, root, event.key);
}

function chordOf(explorer: Explorer, event: KeyboardEvent, typing: boolean): (() => void) | null {
  const key = event.key.toLowerCase();
  if (key === "z") {
    // In a field the browser undoes typing, and behind a dialog nothing is undone; the notebook must not undo a cell
    // meanwhile.
    if (typing || explorer.dialog.peek()) event.stopPropagation();
    else return () => void (event.shiftKey ? explorer.edits.redo() : explorer.edits.undo());
  }
  const inTree = event.target instanceof Element && event.target.closest('[role="tree"]') !== null;
  if (key === "c" && inTree && !event.shiftKey) {
    const { choosing, nav } = explorer;
    const path = choosing.list.peek() ? shownPath(choosing.path.peek()) : nav.path.peek();
    return () => void explorer.ctx.copy(path, "Path");
  }
  return null;
}

function plainKey(explorer: Explorer, root: HTMLElement, key: string): (() => void) | null {
  const { nav, layout } = explorer;
  const tab = /^[1-4]$/.test(key) ? tabsOf(nav.path.peek())[Number(key) - 1] : undefined;
  if (tab) return () => nav.showTab(tab);
  const commands: Record<string, () => void> = {
    "/": () => focusSearch(explorer, root),
    "[": () => layout.toggleTree(),
    "?": () => explorer.openDialog("keys"),
    e: () => void explorer.jumps.toNextEdited(),
    f: () => explorer.jumps.toNextFinding(),
  };
  return commands[key] ?? null;
}

function focusSearch(explorer: Explorer, root: HTMLElement): void {
  explorer.nav.leaveChanges();
  explorer.layout.showTree();
  const focus = () => {
    const field = root.querySelector<HTMLElement>("[data-search]");
    field?.focus();
    return field !== null;
  };
  // At once, as the next letters are meant for it; but where the tree was hidden it has to be drawn first.
  if (!focus()) requestAnimationFrame(focus);
}

/** Close the topmost, else stop reading, else back to the tree, else back to the notebook. */
function closeTopmost(explorer: Explorer, root: HTMLElement): void {
  const { dialog, layout, checks } = explorer;
  const tree = root.querySelector<HTMLElement>('[role="tree"]');
  const focused = (root.getRootNode() as Document | ShadowRoot).activeElement;
  if (dialog.peek()) explorer.closeDialog();
  else if (layout.small.peek() && layout.drawerOpen.peek()) layout.drawerOpen.value = false;
  else if (explorer.cancelReads()) return;
  else if (focused?.closest(".lx-dock")) checks.open.value = false;
  else if (tree && focused !== tree) tree.focus();
  else leave(root, focused);
}

/** The notebook takes the focus in command mode; elsewhere nothing has it. */
function leave(root: HTMLElement, focused: Element | null): void {
  const notebook = root.closest<HTMLElement>(".jp-Notebook");
  if (notebook) notebook.focus();
  else (focused as HTMLElement | null)?.blur();
}

function isTextField(target: EventTarget | null): boolean {
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return (
    target instanceof HTMLInputElement && !["checkbox", "radio", "range", "button"].includes(target.type)
  );
}
