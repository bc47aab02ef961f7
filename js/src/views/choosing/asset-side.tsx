import { TreeView } from "../../components/tree-view.tsx";
import type { Choosing } from "../../data/protocol.ts";
import type { Explorer } from "../../state/explorer.ts";
import { Searchable } from "../search/searchable.tsx";

/** The left part, while no file is open: a search field over the folders and files of the dandiset. */
export function AssetSide({ explorer, list }: { explorer: Explorer; list: Choosing }) {
  const { choosing } = explorer;
  return (
    <Searchable
      search={choosing.search}
      what="path"
      among="files"
      selected={choosing.path.value}
      onSelect={(path) => pick(explorer, path)}
      onOpen={(path) => void choosing.open(path)}
    >
      <AssetTree explorer={explorer} list={list} />
    </Searchable>
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

function pick(explorer: Explorer, path: string): void {
  explorer.choosing.pick(path);
  // A folder is looked into without another press; of a file there is something to be read beside the list.
  if (explorer.choosing.row(path)?.children === 0) explorer.layout.drawerOpen.value = false;
}
