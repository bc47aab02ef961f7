// biome-ignore-all lint/a11y/useSemanticElements: rows of a grid lay out and widen as tables cannot.
// biome-ignore-all lint/a11y/useFocusableInteractive: the focus goes to the buttons inside the cells.
import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../../components/button.tsx";
import { Empty } from "../../components/pieces.tsx";
import type { Attribute, NodeCard } from "../../data/protocol.ts";
import type { ViewContext } from "../../state/context.ts";
import { AddRow } from "./add-row.tsx";
import type { Leaving } from "./editor.tsx";
import { AttributeRow } from "./row.tsx";
import "./attributes.css";

interface AttributesPanelProps {
  ctx: ViewContext;
  card: NodeCard;
  adding: boolean;
  onAdding: (adding: boolean) => void;
  /** The first attribute with a finding is to have the focus, or to be edited. */
  wanted: { edit: boolean } | null;
  onWanted: () => void;
}

/** All attributes of a node, each editable in its place. */
export function AttributesPanel({ ctx, card, adding, onAdding, wanted, onWanted }: AttributesPanelProps) {
  const { path } = card.row;
  const { attributes } = card;
  const box = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(attributes[0]?.name ?? "");
  const [editing, setEditing] = useState({ name: "", round: 0 });
  const edit = (name: string) => setEditing(({ round }) => ({ name, round: round + 1 }));
  const focusRow = (name: string) => valueButton(box.current, name)?.focus();

  useEffect(() => {
    if (!wanted) return;
    const found = attributes.find(({ finding }) => finding !== "");
    if (found && wanted.edit) edit(found.name);
    else focusRow(found?.name ?? active);
    onWanted();
  });

  const leave = (attribute: Attribute, how: Leaving) => {
    if (how !== "next" && how !== "previous") return;
    const step = how === "next" ? 1 : -1;
    const index = attributes.indexOf(attribute) + step;
    const next = attributes[index];
    if (!next) return focusRow(attribute.name);
    setActive(next.name);
    edit(next.name);
  };
  const keyDown = (event: KeyboardEvent) => {
    if (!(event.target as HTMLElement).classList.contains("lx-value")) return;
    const index = attributes.findIndex(({ name }) => name === active);
    const last = attributes.length - 1;
    const next = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: last }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    focusRow(attributes[Math.min(last, Math.max(0, next))]?.name ?? "");
  };
  const added = (name: string) => {
    onAdding(false);
    if (name) setActive(name);
    // The row of what was added is there by now: edits resolve when their node has been fetched anew.
    requestAnimationFrame(() => focusRow(name || active));
  };

  if (attributes.length === 0 && !adding) {
    return (
      <Empty words="No attributes.">
        <Button icon="plus" onClick={() => onAdding(true)} disabled={Boolean(ctx.opened.value?.read_only)}>
          Add attribute
        </Button>
      </Empty>
    );
  }
  return (
    <div ref={box} class="lx-attrs lx-scroll" role="grid" aria-label="Attributes" onKeyDown={keyDown}>
      {adding && (
        <AddRow ctx={ctx} path={path} taken={new Set(attributes.map(({ name }) => name))} onDone={added} />
      )}
      {attributes.map((attribute) => (
        <AttributeRow
          key={attribute.name}
          ctx={ctx}
          path={path}
          attribute={attribute}
          active={attribute.name === active}
          onActive={() => setActive(attribute.name)}
          onLeave={(how) => leave(attribute, how)}
          editing={attribute.name === editing.name ? editing.round : 0}
        />
      ))}
    </div>
  );
}

function valueButton(box: HTMLElement | null, name: string): HTMLElement | null {
  const row = [...(box?.children ?? [])].find((each) => (each as HTMLElement).dataset["attribute"] === name);
  return row?.querySelector<HTMLElement>(".lx-value") ?? null;
}
