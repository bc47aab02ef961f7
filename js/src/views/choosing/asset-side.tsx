import { Field } from "../../components/field.tsx";
import { Empty } from "../../components/pieces.tsx";
import { TreeView } from "../../components/tree-view.tsx";
import { count } from "../../data/format.ts";
import type { Choosing } from "../../data/protocol.ts";
import type { Explorer } from "../../state/explorer.ts";

/** The left part, while no file is open: a search field over the folders and files of the dandiset. */
export function AssetSide({ explorer, list }: { explorer: Explorer; list: Choosing }) {
  const { search } = explorer.choosing;
  const text = search.text.value;
  const keyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && text) search.clear();
    else if (event.key === "ArrowDown") focusTree(event.currentTarget as HTMLElement);
    else if (event.key === "Enter") void openFirst(explorer);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <>
      <search class="lx-find">
        <Field
          label="Search paths"
          icon="search"
          placeholder="Search paths"
          value={text}
          onInput={(next) => search.type(next)}
          onKeyDown={keyDown}
          unit={text ? undefined : <kbd class="lx-mono lx-xs">/</kbd>}
          data-search
        />
      </search>
      {search.found.value || search.error.value ? (
        <FoundAssets explorer={explorer} />
      ) : (
        <AssetTree explorer={explorer} list={list} />
      )}
    </>
  );
}

function AssetTree({ explorer, list }: { explorer: Explorer; list: Choosing }) {
  const { choosing } = explorer;
  const { tree } = choosing;
  void tree.version.value; // the rows are kept outside signals; this counts their changes
  if (!tree.rows) return null;
  return (
    <TreeView
      tree={tree.rows}
      label={list.name}
      selected={choosing.path.value}
      jump={choosing.jumps.value}
      onSelect={(path) => pick(explorer, path)}
      onOpen={(path) => void choosing.open(path)}
      onToggle={(path, expanded) => tree.toggle(path, expanded)}
      onExpandSiblings={(path) => tree.expandSiblings(path)}
      onNeed={tree.need}
    />
  );
}

function FoundAssets({ explorer }: { explorer: Explorer }) {
  const { choosing } = explorer;
  const { search } = choosing;
  const found = search.found.value;
  const error = search.error.value;
  const tree = search.tree.value;
  const part = found && found.matches.length < found.total ? `first ${count(found.matches.length)} of ` : "";
  return (
    <>
      <div class="lx-found lx-dim lx-xs">
        <span class="lx-cut lx-grow">
          {error ? error.message : found && `${part}${count(found.total)} of ${count(found.objects)} files`}
        </span>
        <button type="button" class="lx-link" onClick={() => search.clear()}>
          Clear
        </button>
      </div>
      {found?.matches.length === 0 && <Empty words={`No path contains “${found.text}”.`} />}
      {tree && tree.size() > 0 && (
        <TreeView
          tree={tree}
          label="Search results"
          selected={choosing.path.value}
          jump={0}
          highlight={found?.text ?? ""}
          onSelect={(path) => pick(explorer, path)}
          onOpen={(path) => void choosing.open(path)}
          onToggle={(path, expanded) => search.toggle(path, expanded)}
        />
      )}
    </>
  );
}

function pick(explorer: Explorer, path: string): void {
  explorer.choosing.pick(path);
  // A folder is looked into without another press; of a file there is something to be read beside the list.
  if (explorer.choosing.row(path)?.children === 0) explorer.layout.drawerOpen.value = false;
}

/** Open the first match of what is typed, not of what was typed a moment ago. */
async function openFirst({ choosing }: Explorer): Promise<void> {
  const { search } = choosing;
  await search.settle();
  const path = search.isSettled() ? search.found.peek()?.matches[0] : undefined;
  if (path !== undefined) await choosing.open(path);
}

function focusTree(field: HTMLElement): void {
  field.closest("nav")?.querySelector<HTMLElement>('[role="tree"]')?.focus();
}
