import type { ComponentChildren } from "preact";
import { Field } from "../../components/field.tsx";
import { Empty } from "../../components/pieces.tsx";
import { TreeView } from "../../components/tree-view.tsx";
import { count, duration } from "../../data/format.ts";
import type { Found } from "../../data/protocol.ts";
import type { SearchState } from "../../state/search.ts";

interface SearchableProps {
  search: SearchState;
  /** What is looked for in every row. */
  what: "name" | "path";
  /** What the rows are, in the plural. */
  among: string;
  /** Whether it is said how long the search has taken. */
  timed?: boolean;
  selected: string;
  onSelect: (path: string) => void;
  /** Also called for the first match, when Enter is pressed in the field. */
  onOpen: (path: string) => void;
  /** What is shown while nothing is searched for. */
  children: ComponentChildren;
}

/** A search field over a tree: of all there is, or of what was found. */
export function Searchable({ search, what, children, ...rest }: SearchableProps) {
  const text = search.text.value;
  const label = `Search ${what}s`;
  const keyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && text) search.clear();
    else if (event.key === "ArrowDown") focusTree(event.currentTarget as HTMLElement);
    else if (event.key === "Enter") void openFirst(search, rest.onOpen);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <>
      <search class="lx-find">
        <Field
          label={label}
          icon="search"
          placeholder={label}
          value={text}
          onInput={(next) => search.type(next)}
          onKeyDown={keyDown}
          unit={text ? undefined : <kbd class="lx-mono lx-xs">/</kbd>}
          data-search
        />
      </search>
      {search.found.value || search.error.value ? (
        <FoundTree search={search} what={what} {...rest} />
      ) : (
        children
      )}
    </>
  );
}

function FoundTree(props: Omit<SearchableProps, "children">) {
  const { search, what, among, timed, selected, onSelect, onOpen } = props;
  const found = search.found.value;
  const error = search.error.value;
  const tree = search.tree.value;
  const took = timed ? ` · ${duration(search.milliseconds.value / 1000)}` : "";
  return (
    <>
      <div class="lx-found lx-dim lx-xs">
        <span class="lx-cut lx-grow">{error ? error.message : found && foundWords(found, among) + took}</span>
        <button type="button" class="lx-link" onClick={() => search.clear()}>
          Clear
        </button>
      </div>
      {found?.matches.length === 0 && <Empty words={`No ${what} contains “${found.text}”.`} />}
      {tree && tree.size() > 0 && (
        <TreeView
          tree={tree}
          label="Search results"
          selected={selected}
          jump={0}
          highlight={found?.text ?? ""}
          onSelect={onSelect}
          onOpen={onOpen}
          onToggle={(path, expanded) => search.toggle(path, expanded)}
        />
      )}
    </>
  );
}

/** Open the first match of what is typed, not of what was typed a moment ago. */
async function openFirst(search: SearchState, open: (path: string) => void): Promise<void> {
  await search.settle();
  const path = search.isSettled() ? search.found.peek()?.matches[0] : undefined;
  if (path !== undefined) open(path);
}

function focusTree(field: HTMLElement): void {
  field.closest("nav")?.querySelector<HTMLElement>('[role="tree"]')?.focus();
}

/** `2 of 1,284 objects`. */
function foundWords({ total, objects, matches }: Found, among: string): string {
  const part = matches.length < total ? `first ${count(matches.length)} of ` : "";
  return `${part}${count(total)} of ${count(objects)} ${among}`;
}
