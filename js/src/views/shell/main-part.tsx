import { useEffect, useState } from "preact/hooks";
import { Button } from "../../components/button.tsx";
import { FailureCard } from "../../components/failure-card.tsx";
import { Empty, Unknown } from "../../components/pieces.tsx";
import { shownPath } from "../../data/path.ts";
import type { NodeCard } from "../../data/protocol.ts";
import type { Tab } from "../../state/context.ts";
import type { Explorer } from "../../state/explorer.ts";
import { AttributesPanel } from "../attributes/index.ts";
import { ChangesPanel } from "../changes/changes.tsx";
import { FindingsDock } from "../findings/findings.tsx";
import { HomePanel } from "../home/index.ts";
import { JsonPanel } from "../json/json.tsx";
import { PreviewPanel } from "../preview/index.ts";
import { StoragePanel } from "../storage/index.ts";
import { Breadcrumb } from "./breadcrumb.tsx";
import { DrawerVeil } from "./side.tsx";
import { TabBar, tabId } from "./tab-bar.tsx";

/** The right part: the selected node through one of its views, or the list of changes. */
export function MainPart({ explorer }: { explorer: Explorer }) {
  const { nav, checks } = explorer;
  return (
    <section class="lx-main" aria-label="Selected object">
      {nav.tab.value === "changes" ? <ChangesPanel explorer={explorer} /> : <NodeView explorer={explorer} />}
      {checks.open.value && <FindingsDock explorer={explorer} />}
      <DrawerVeil explorer={explorer} />
    </section>
  );
}

function NodeView({ explorer }: { explorer: Explorer }) {
  const { nav, node, tree, openError } = explorer;
  void tree.version.value; // rows are kept outside signals; this counts their changes
  const path = nav.path.value;
  const [adding, setAdding] = useState(false);
  useEffect(() => setAdding(false), [path]);

  const error = openError.value ?? node.error.value;
  const card = node.card.value;
  const row = card?.row ?? tree.rows?.row(path) ?? null;
  const retry = () => void (openError.value ? explorer.open() : node.reload());
  return (
    <>
      <Breadcrumb explorer={explorer} row={row} card={card} />
      <TabBar explorer={explorer} row={row} card={card} onAdd={() => setAdding(true)} />
      <div
        class="lx-panel"
        role="tabpanel"
        aria-labelledby={tabId(explorer, nav.tab.value)}
        aria-busy={!card && !error}
      >
        {error && !card && (
          <FailureCard error={error} onRetry={retry} works={openError.value ? "" : "The tree still works."} />
        )}
        {!error && !card && node.slow.value && <Skeleton />}
        {card && (
          <Panel explorer={explorer} card={card} tab={nav.tab.value} adding={adding} onAdding={setAdding} />
        )}
      </div>
    </>
  );
}

interface PanelProps {
  explorer: Explorer;
  card: NodeCard;
  tab: Tab;
  adding: boolean;
  onAdding: (adding: boolean) => void;
}

function Panel({ explorer, card, tab, adding, onAdding }: PanelProps) {
  const { ctx } = explorer;
  const { path } = card.row;
  const wanted = explorer.jumps.wanted.value;
  if (tab === "home") {
    return <HomePanel ctx={ctx} card={card} onBack={() => void explorer.backToAssets()} />;
  }
  if (tab === "storage") return <StoragePanel key={path} ctx={ctx} card={card} />;
  if (tab === "json") return <JsonPanel key={path} ctx={ctx} card={card} />;
  if (tab === "preview" && card.row.kind === "link" && card.previews.length === 0) {
    return (
      <Empty words={`A link to ${shownPath(card.row.target)}.`}>
        <Button icon="link" onClick={() => ctx.select(card.row.target)}>
          Follow link
        </Button>
      </Empty>
    );
  }
  if (tab === "preview") return <PreviewPanel key={path} ctx={ctx} card={card} />;
  return (
    <AttributesPanel
      key={path}
      ctx={ctx}
      card={card}
      adding={adding}
      onAdding={onAdding}
      wanted={wanted?.path === path ? wanted : null}
      onWanted={() => {
        explorer.jumps.wanted.value = null;
      }}
    />
  );
}

/** Grey lines in place of a content that is late. */
function Skeleton() {
  return (
    <div class="lx-skeleton" aria-hidden="true">
      {[56, 72, 64, 48].map((percent) => (
        <div key={percent} style={{ width: `${percent}%` }}>
          <Unknown width={64} />
          <i />
        </div>
      ))}
    </div>
  );
}
