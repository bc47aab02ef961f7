import type { Mark, Row } from "../data/protocol.ts";
import { MARK_WORDS, rowFact, rowState, rowTip } from "../data/row-facts.ts";
import type { TreeItem } from "../data/tree-model.ts";
import { Icon, type IconName } from "./icon.tsx";
import { MiddleCut } from "./middle-cut.tsx";

const INDENT = 12;

interface TreeRowProps {
  id: string;
  item: TreeItem;
  top: number;
  selected: boolean;
  active: boolean;
  /** Part of the name that was searched for. */
  highlight: string;
  onPick: () => void;
  onOpen: () => void;
  onToggle: () => void;
}

/** One row of a tree. */
export function TreeRow({
  id,
  item,
  top,
  selected,
  active,
  highlight,
  onPick,
  onOpen,
  onToggle,
}: TreeRowProps) {
  const { row, level, expanded } = item;
  const state = row ? rowState(row, expanded !== true) : [];
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree holds the focus and takes the keys for its rows.
    // biome-ignore lint/a11y/useFocusableInteractive: same reason; the tree points here by aria-activedescendant.
    <div
      id={id}
      class={`lx-row ${active ? "lx-row-active" : ""}`}
      role="treeitem"
      aria-label={row ? [row.name, ...state].join(", ") : "Loading"}
      aria-description={row ? rowFact(row) : undefined}
      aria-level={level}
      aria-posinset={item.position}
      aria-setsize={item.siblings}
      aria-selected={selected}
      aria-expanded={expanded ?? undefined}
      data-tip={row ? rowTip(row) : undefined}
      style={{ top: `${top}px`, paddingLeft: `${8 + (level - 1) * INDENT}px` }}
      onClick={onPick}
      onDblClick={onOpen}
    >
      <Twisty expanded={expanded} onToggle={onToggle} />
      {row ? (
        <Content row={row} collapsed={expanded !== true} highlight={highlight} />
      ) : (
        <span class="lx-unknown" />
      )}
    </div>
  );
}

function Twisty({ expanded, onToggle }: { expanded: boolean | null; onToggle: () => void }) {
  const toggle = (event: Event) => {
    event.stopPropagation();
    onToggle();
  };
  if (expanded === null) return <span class="lx-twisty" />;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a second way for the mouse; keys and assistive technology use the row.
    // biome-ignore lint/a11y/useKeyWithClickEvents: same reason.
    <span class="lx-twisty" onClick={toggle} onDblClick={(event) => event.stopPropagation()}>
      <Icon name={expanded ? "collapse" : "expand"} />
    </span>
  );
}

function Content({ row, collapsed, highlight }: { row: Row; collapsed: boolean; highlight: string }) {
  const finding = row.finding || (collapsed ? row.finding_below : "");
  const mark = row.mark || (collapsed ? row.below : "");
  return (
    <>
      <Icon name={row.icon satisfies IconName} class={row.kind === "broken" ? "lx-error" : "lx-dim"} />
      <span class={`lx-row-text ${row.mark === "D" ? "lx-row-deleted" : ""}`}>
        <Name name={row.name} highlight={highlight} />
        <span class="lx-row-fact">{rowFact(row)}</span>
      </span>
      <Marks finding={finding} mark={mark} />
    </>
  );
}

function Name({ name, highlight }: { name: string; highlight: string }) {
  const at = highlight ? name.toLowerCase().indexOf(highlight.toLowerCase()) : -1;
  if (at < 0) return <MiddleCut text={name} tail={10} class="lx-row-name" />;
  const end = at + highlight.length;
  return (
    <span class="lx-row-name lx-cut">
      {name.slice(0, at)}
      <mark>{name.slice(at, end)}</mark>
      {name.slice(end)}
    </span>
  );
}

/** Letters, not icons: `!` for a finding, left of the letter of an edit. */
export function Marks({ finding, mark }: { finding: Row["finding"]; mark: Mark }) {
  return (
    <>
      {finding && (
        <span class={`lx-mark ${finding === "error" ? "lx-error" : "lx-warn"}`} title={finding}>
          !
        </span>
      )}
      {(mark || !finding) && (
        <span class="lx-mark" title={mark && MARK_WORDS[mark]}>
          {mark}
        </span>
      )}
    </>
  );
}
