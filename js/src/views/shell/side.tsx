import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Button, IconButton } from "../../components/button.tsx";
import { Unknown } from "../../components/pieces.tsx";
import { TreeView } from "../../components/tree-view.tsx";
import type { Explorer } from "../../state/explorer.ts";
import { Searchable } from "../search/searchable.tsx";

interface SideProps {
  explorer: Explorer;
  label: string;
  children: ComponentChildren;
}

/** The left part, beside the main part or as a drawer over it. */
export function Side({ explorer, label, children }: SideProps) {
  const { layout } = explorer;
  const box = useRef<HTMLElement>(null);
  const drawer = layout.small.value;
  useLayoutEffect(() => {
    if (drawer) box.current?.querySelector<HTMLElement>('[role="tree"]')?.focus();
  }, [drawer]);
  const style = { width: `${layout.treeWidth.value}px` };
  return (
    <nav ref={box} class={`lx-side ${drawer ? "lx-drawer" : ""}`} style={style} aria-label={label}>
      {children}
    </nav>
  );
}

/** Shows and hides the left part. */
export function SideToggle({ explorer, what }: { explorer: Explorer; what: "tree" | "list" }) {
  const { layout } = explorer;
  return (
    <IconButton
      icon="panel"
      label={`${layout.treeShown.value ? "Hide" : "Show"} ${what}  [`}
      aria-expanded={layout.small.value ? layout.drawerOpen.value : undefined}
      onClick={() => layout.toggleTree()}
    />
  );
}

/** Over the main part while the drawer is open. */
export function DrawerVeil({ explorer }: { explorer: Explorer }) {
  const { layout } = explorer;
  if (!layout.small.value || !layout.drawerOpen.value) return null;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a second way for the mouse; keys use the button and Esc.
    // biome-ignore lint/a11y/useKeyWithClickEvents: same reason.
    <div class="lx-drawer-veil" onClick={() => layout.toggleTree()} />
  );
}

/** A search field over the tree of the file, of what was found, or of what was changed. */
export function FileSide({ explorer }: { explorer: Explorer }) {
  const changes = explorer.nav.tab.value === "changes";
  return changes ? <ChangedTree explorer={explorer} /> : <SearchableFile explorer={explorer} />;
}

function SearchableFile({ explorer }: { explorer: Explorer }) {
  const select = (path: string) => explorer.select(path);
  return (
    <Searchable
      search={explorer.search}
      what="name"
      among="objects"
      timed
      selected={explorer.nav.path.value}
      onSelect={select}
      onOpen={select}
    >
      <FileTree explorer={explorer} />
    </Searchable>
  );
}

function FileTree({ explorer }: { explorer: Explorer }) {
  const { tree, nav, opened } = explorer;
  void tree.version.value; // the rows are kept outside signals; this counts their changes
  if (!tree.rows) return explorer.openError.value ? null : <TreeSkeleton />;
  return (
    <TreeView
      tree={tree.rows}
      label={opened.value?.name ?? "File"}
      selected={nav.path.value}
      jump={nav.jumps.value}
      onSelect={(path) => pick(explorer, path)}
      onOpen={(path) => follow(explorer, tree.rows?.row(path)?.target)}
      onToggle={(path, expanded) => tree.toggle(path, expanded)}
      onExpandSiblings={(path) => tree.expandSiblings(path)}
      onNeed={tree.need}
    />
  );
}

function ChangedTree({ explorer }: { explorer: Explorer }) {
  const { changes, nav } = explorer;
  const tree = changes.tree.value;
  return (
    <>
      <div class="lx-find">
        <b class="lx-grow lx-cut">Changed objects</b>
        <Button kind="ghost" onClick={() => nav.leaveChanges()}>
          Whole tree
        </Button>
      </div>
      {tree && tree.size() > 0 && (
        <TreeView
          tree={tree}
          label="Changed objects"
          selected={changes.picked.value}
          jump={0}
          onSelect={(path) => changes.pick(path)}
          onOpen={(path) => explorer.select(changes.placeOf(path))}
          onToggle={(path, expanded) => changes.toggle(path, expanded)}
        />
      )}
    </>
  );
}

function TreeSkeleton(): ComponentChildren {
  return (
    <div class="lx-tree lx-tree-skeleton" aria-busy="true">
      {[96, 120, 88, 104, 72].map((width) => (
        <Unknown key={width} width={width} />
      ))}
    </div>
  );
}

function pick(explorer: Explorer, path: string): void {
  explorer.nav.select(path);
  explorer.layout.drawerOpen.value = false;
}

function follow(explorer: Explorer, target: string | undefined): void {
  if (target) explorer.select(target);
}
