import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { TreeModel } from "../data/tree-model.ts";
import { type TreeKeyActions, useTreeKeys } from "./tree-keys.ts";
import { TreeRow } from "./tree-row.tsx";
import { useSize } from "./use-size.ts";
import { useUniqueId } from "./use-unique-id.ts";

const ROW = 24;
/** Rows kept above and below those in sight, so that a fast wheel does not outrun them. */
const SPARE = 8;
/** Height assumed before the first measurement. */
const GUESS = 480;
/** A page is asked for when scrolling rests, not for every page that flies by. */
const NEED_AFTER_MS = 50;

interface TreeViewProps {
  tree: TreeModel;
  label: string;
  selected: string;
  /** Counts up when the selected row is to be brought into sight. */
  jump: number;
  highlight?: string;
  onSelect: (path: string) => void;
  /** Double click, or Enter on the selected row, where there is nothing to expand: follow a link. */
  onOpen?: (path: string) => void;
  onToggle: (path: string, expanded: boolean) => void;
  onExpandSiblings?: (path: string) => void;
  /** A row in sight has not been loaded. */
  onNeed?: (parent: string, index: number) => void;
}

/** An ARIA tree of any length: only the rows in sight exist. The tree holds the focus and points at the active row. */
export function TreeView(props: TreeViewProps) {
  const { tree, selected, jump, onNeed } = props;
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const id = useUniqueId();
  const [scrollTop, setScrollTop] = useState(0);
  const [active, setActive] = useActive(tree, selected);
  const height = size?.height ?? GUESS;
  const first = Math.max(0, Math.floor(scrollTop / ROW) - SPARE);
  const last = Math.min(tree.size(), Math.ceil((scrollTop + height) / ROW) + SPARE);

  const bringIntoSight = (index: number) => {
    const element = box.current;
    if (!element) return;
    const top = index * ROW;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + ROW > element.scrollTop + height) element.scrollTop = top + ROW - height;
    setScrollTop(element.scrollTop);
  };

  useJump(tree.indexOf(selected), jump, (index) => {
    setActive(index);
    const element = box.current;
    const top = index * ROW;
    if (!element || (top >= element.scrollTop && top + ROW <= element.scrollTop + height)) return;
    // Far away: a third down, so that it is seen where it stands.
    element.scrollTop = top - height / 3;
    setScrollTop(element.scrollTop);
  });

  const toggle = (index: number) => {
    const item = tree.at(index);
    if (item?.row && item.expanded !== null) props.onToggle(item.row.path, !item.expanded);
  };
  const pick = (index: number) => {
    const path = tree.at(index)?.row?.path;
    if (path === undefined) return;
    setActive(index);
    props.onSelect(path);
  };
  const open = (index: number) => {
    const item = tree.at(index);
    if (item?.expanded !== null) toggle(index);
    else if (item.row) props.onOpen?.(item.row.path);
  };
  const actions: TreeKeyActions = {
    move(index) {
      setActive(index);
      bringIntoSight(index);
    },
    toggle,
    enter(index) {
      if (tree.at(index)?.row?.path === selected) open(index);
      else pick(index);
    },
    expandSiblings(index) {
      const path = tree.at(index)?.row?.path;
      if (path !== undefined) props.onExpandSiblings?.(path);
    },
  };
  const onKeyDown = useTreeKeys(tree, active, Math.max(1, Math.floor(height / ROW) - 1), actions);

  const missing = firstMissing(tree, first, last);
  useEffect(() => {
    if (!missing || !onNeed) return undefined;
    const timer = setTimeout(() => onNeed(missing.parent, missing.index), NEED_AFTER_MS);
    return () => clearTimeout(timer);
  }, [missing?.parent, missing?.index, onNeed]);

  const rows = [];
  for (let index = first; index < last; index += 1) {
    const item = tree.at(index);
    if (!item) continue;
    rows.push(
      <TreeRow
        key={item.row?.path ?? `${item.parent}:${item.position}`}
        id={`${id}-${index}`}
        item={item}
        top={index * ROW}
        selected={item.row?.path === selected}
        active={index === active}
        highlight={props.highlight ?? ""}
        onPick={() => pick(index)}
        onOpen={() => open(index)}
        onToggle={() => toggle(index)}
      />,
    );
  }
  return (
    <div
      ref={box}
      class="lx-tree"
      role="tree"
      aria-label={props.label}
      aria-activedescendant={`${id}-${active}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
    >
      <div class="lx-tree-rows" role="presentation" style={{ height: `${tree.size() * ROW}px` }}>
        {rows}
      </div>
    </div>
  );
}

/** The row that keys act on. It stays with its node when rows open or close above it. */
function useActive(tree: TreeModel, selected: string): [index: number, set: (index: number) => void] {
  const [active, setActive] = useState<{ index: number; path: string | null }>({ index: 0, path: selected });
  const found = active.path === null ? -1 : tree.indexOf(active.path);
  const index = found >= 0 ? found : Math.min(active.index, tree.size() - 1);
  // Inside a group that was closed: the group takes over.
  useLayoutEffect(() => {
    if (found < 0 && active.path !== null) {
      const above = closestShown(tree, active.path);
      if (above) setActive({ index: tree.indexOf(above), path: above });
    }
  });
  return [index, (next) => setActive({ index: next, path: tree.at(next)?.row?.path ?? null })];
}

function closestShown(tree: TreeModel, path: string): string | null {
  const above = path.slice(0, path.lastIndexOf("/")) || "/";
  if (above === path) return null;
  return tree.indexOf(above) >= 0 ? above : closestShown(tree, above);
}

/** Calls `go` once for each jump, as soon as the row is there: its page may still be on the way. */
function useJump(index: number, jump: number, go: (index: number) => void): void {
  const done = useRef(0);
  useLayoutEffect(() => {
    if (index < 0 || done.current === jump) return;
    done.current = jump;
    go(index);
  });
}

function firstMissing(
  tree: TreeModel,
  first: number,
  last: number,
): { parent: string; index: number } | null {
  for (let index = first; index < last; index += 1) {
    const item = tree.at(index);
    if (item && !item.row && item.parent !== null) return { parent: item.parent, index: item.position - 1 };
  }
  return null;
}
