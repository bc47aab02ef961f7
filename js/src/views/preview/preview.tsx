// The preview of one node: which kind of view, and the switch between kinds.
import type { ComponentType } from "preact";
import { useRef, useState } from "preact/hooks";
import { Empty, Separator } from "../../components/pieces.tsx";
import { Segmented } from "../../components/segmented.tsx";
import type { NodeCard, ViewName } from "../../data/protocol.ts";
import type { ViewContext } from "../../state/context.ts";
import { ImageView } from "./image-view.tsx";
import { LineView } from "./line-view.tsx";
import { isIn, recall } from "./memory.ts";
import "./preview.css";
import { TableView } from "./table-view.tsx";
import { ValueView } from "./value-view.tsx";
import type { ViewProps } from "./view-props.ts";

/** How each kind is shown; that there is nothing to show is said by the view of values. */
const VIEWS: Record<ViewName, ComponentType<ViewProps>> = {
  line: LineView,
  image: ImageView,
  table: TableView,
  value: ValueView,
  empty: ValueView,
};

interface PanelProps {
  ctx: ViewContext;
  card: NodeCard;
}

export function PreviewPanel({ ctx, card }: PanelProps) {
  const shape = card.array?.shape ?? null;
  const last = useRef({ shape, round: 0 });
  if (!isIn(last.current.shape, shape)) last.current.round += 1;
  last.current.shape = shape;
  // Another node starts anew, and so does other data; the same node after an edit keeps its place.
  return <Preview key={`${last.current.round}${card.row.path}`} ctx={ctx} card={card} />;
}

function Preview({ ctx, card }: PanelProps) {
  const memory = recall(ctx, card.row.path, card.array?.shape ?? null);
  const [wanted, setWanted] = useState<ViewName | undefined>(memory.view);
  const choice = card.previews.find(({ view }) => view === wanted) ?? card.previews[0];
  if (!choice) return <Empty words={nothingWords(card)} />;
  const View = VIEWS[choice.view];
  const switcher = card.previews.length > 1 && (
    <>
      <Segmented
        label="View"
        value={choice.view}
        options={card.previews.map(({ view, label }) => ({ value: view, label }))}
        onChange={(view) => {
          memory.view = view;
          setWanted(view);
        }}
      />
      <Separator />
    </>
  );
  return <View key={choice.view} ctx={ctx} card={card} choice={choice} switcher={switcher} memory={memory} />;
}

function nothingWords({ row }: NodeCard): string {
  if (row.kind === "broken") return row.problem || "This node cannot be read.";
  if (row.kind === "group") {
    return row.children > 0
      ? "A group has no picture of its own. Open it in the tree and select what is inside."
      : "This group is empty.";
  }
  return "There is no preview of this kind of data.";
}
