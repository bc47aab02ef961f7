import { Button } from "../../components/button.tsx";
import { uniqueId } from "../../components/use-unique-id.ts";
import { bytes, count, plural, shape } from "../../data/format.ts";
import type { NodeCard, Row } from "../../data/protocol.ts";
import type { Tab } from "../../state/context.ts";
import type { Explorer } from "../../state/explorer.ts";

const NAMES: Record<Exclude<Tab, "changes">, string> = {
  home: "Home",
  preview: "Preview",
  attributes: "Attributes",
  storage: "Storage",
  json: "JSON",
};

/** The tabs of a node, in the order of the keys 1 to 4. */
export function tabsOf(path: string): readonly Tab[] {
  return [path === "/" ? "home" : "preview", "attributes", "storage", "json"];
}

const ids = new WeakMap<Explorer, string>();

/** Id of a tab, for its panel to name. */
export function tabId(explorer: Explorer, tab: Tab): string {
  const id = ids.get(explorer) ?? uniqueId();
  ids.set(explorer, id);
  return `${id}-${tab}`;
}

interface TabBarProps {
  explorer: Explorer;
  row: Row | null;
  card: NodeCard | null;
  onAdd: () => void;
}

/** Which view of the node, and at the right what is known of it without reading data. */
export function TabBar({ explorer, row, card, onAdd }: TabBarProps) {
  const { nav } = explorer;
  const tabs = tabsOf(nav.path.value);
  const shown = nav.tab.value;
  const keyDown = (event: KeyboardEvent) => {
    const at = tabs.indexOf(shown);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    const tab = to === undefined ? undefined : tabs[(to + tabs.length) % tabs.length];
    if (to === undefined || tab === undefined || event.altKey) return;
    event.preventDefault();
    nav.showTab(tab);
    const list = event.currentTarget as HTMLElement;
    list.querySelector<HTMLElement>(`#${tabId(explorer, tab)}`)?.focus();
  };
  return (
    <div class="lx-tabs">
      <div role="tablist" aria-label="Views of this object" onKeyDown={keyDown}>
        {tabs.map((tab) => (
          <button
            key={tab}
            id={tabId(explorer, tab)}
            type="button"
            role="tab"
            aria-selected={tab === shown}
            tabIndex={tab === shown ? 0 : -1}
            onClick={() => nav.showTab(tab)}
          >
            {NAMES[tab as Exclude<Tab, "changes">]}
            {tab === "attributes" && card && card.attributes.length > 0 && (
              <span class="lx-dim lx-xs"> {count(card.attributes.length)}</span>
            )}
          </button>
        ))}
      </div>
      {shown === "attributes" ? (
        <AddButton explorer={explorer} card={card} onAdd={onAdd} />
      ) : (
        <Facts row={row} card={card} />
      )}
    </div>
  );
}

/** Facts that do not fit wrap out of sight: a number is shown whole or not at all. */
function Facts({ row, card }: { row: Row | null; card: NodeCard | null }) {
  return (
    <div class="lx-facts">
      {factsOf(row, card).map((fact) => (
        <span key={fact}>{fact}</span>
      ))}
    </div>
  );
}

function factsOf(row: Row | null, card: NodeCard | null): string[] {
  if (!row || row.path === "/") return [];
  const stored = row.stored_bytes === null ? "" : `${bytes(row.stored_bytes)} stored`;
  if (row.kind === "group") return [plural(row.children, "object"), stored].filter(Boolean);
  if (row.kind !== "dataset") return [];
  return [shape(row.shape), card?.array?.dtype || row.dtype, stored].filter(Boolean);
}

function AddButton({
  explorer,
  card,
  onAdd,
}: {
  explorer: Explorer;
  card: NodeCard | null;
  onAdd: () => void;
}) {
  const readOnly = explorer.opened.value?.read_only;
  return (
    <div class="lx-facts">
      <Button
        icon="plus"
        aria-label="Add attribute"
        tip={readOnly || "Add an attribute to this object"}
        disabled={!card || Boolean(readOnly)}
        onClick={onAdd}
      >
        <span class="lx-wide">Add attribute</span>
      </Button>
    </div>
  );
}
