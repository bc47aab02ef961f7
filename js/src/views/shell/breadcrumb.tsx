import { useState } from "preact/hooks";
import { Button, IconButton } from "../../components/button.tsx";
import { Chip } from "../../components/chip.tsx";
import { lineage, nameOf, shownPath } from "../../data/path.ts";
import type { NodeCard, Row } from "../../data/protocol.ts";
import type { Explorer } from "../../state/explorer.ts";

const TICK_MS = 1200;

/** Where the selected node is, the way back, and what it is. */
export function Breadcrumb({
  explorer,
  row,
  card,
}: {
  explorer: Explorer;
  row: Row | null;
  card: NodeCard | null;
}) {
  const { nav, opened } = explorer;
  const path = nav.path.value;
  const steps = lineage(path);
  const label = (step: string) => (step === "/" && path === "/" ? (opened.value?.name ?? "/") : nameOf(step));
  return (
    <div class="lx-crumb">
      <IconButton
        icon="back"
        label="Back  Alt ←"
        disabled={!nav.canGoBack.value}
        onClick={() => explorer.step("back")}
      />
      <IconButton
        icon="forward"
        label="Forward  Alt →"
        disabled={!nav.canGoForward.value}
        onClick={() => explorer.step("forward")}
      />
      <nav aria-label="Path" class="lx-path">
        <ol>
          {steps.map((step) => (
            <li key={step} class={step === "/" ? "lx-path-root" : ""}>
              {step === path ? (
                <span aria-current="page" class="lx-cut" data-tip={path}>
                  {label(step)}
                </span>
              ) : (
                <button
                  type="button"
                  class="lx-link lx-cut"
                  data-tip={step}
                  onClick={() => explorer.select(step)}
                >
                  {label(step)}
                </button>
              )}
            </li>
          ))}
        </ol>
      </nav>
      <CopyPath explorer={explorer} path={path} />
      <span class="lx-grow" />
      <Kind explorer={explorer} row={row} card={card} />
    </div>
  );
}

function CopyPath({ explorer, path }: { explorer: Explorer; path: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await explorer.ctx.copy(path, "Path");
    setCopied(true);
    setTimeout(() => setCopied(false), TICK_MS);
  };
  return <IconButton icon={copied ? "check" : "copy"} label="Copy path" onClick={() => void copy()} />;
}

/** The neurodata type, or where a link leads. */
function Kind({ explorer, row, card }: { explorer: Explorer; row: Row | null; card: NodeCard | null }) {
  if (row?.kind === "broken") {
    return (
      <Chip icon="unlink" tip={row.problem}>
        broken link
      </Chip>
    );
  }
  if (row?.kind === "link" && row.target) {
    return (
      <Button
        icon="link"
        class="lx-follow"
        tip={`Go to ${row.target}`}
        onClick={() => explorer.select(row.target)}
      >
        <span class="lx-cut">{shownPath(row.target)}</span>
      </Button>
    );
  }
  const type = row?.type_name || (card?.in_type && `in ${card.in_type}`);
  return type ? <Chip class="lx-wide">{type}</Chip> : null;
}
