// An explorer of a dandiset: which files there are, on the left, and what is known of the one that is picked.
import { Button, IconButton } from "../../components/button.tsx";
import { Chip } from "../../components/chip.tsx";
import { FailureCard } from "../../components/failure-card.tsx";
import { Spinner } from "../../components/pieces.tsx";
import { bytes, count } from "../../data/format.ts";
import { shownPath } from "../../data/path.ts";
import type { Choosing, Row } from "../../data/protocol.ts";
import type { Explorer } from "../../state/explorer.ts";
import { DrawerVeil, SideToggle } from "../shell/side.tsx";
import "./choosing.css";

/** The top row, while no file is open. */
export function ChoosingHeader({ explorer, list }: { explorer: Explorer; list: Choosing }) {
  return (
    <section class="lx-head" aria-label="Dandiset">
      <SideToggle explorer={explorer} what="list" />
      <span class="lx-file lx-cut" data-tip={list.title}>
        {list.name}
      </span>
      <Chip icon="cloud" tip="Archive" class="lx-source">
        <span class="lx-cut">{list.archive}</span>
      </Chip>
      <Chip tip="Version">{list.version}</Chip>
      {list.embargoed && (
        <Chip icon="lock" tip="Only owners can see it">
          embargoed
        </Chip>
      )}
    </section>
  );
}

/** The right part: the dandiset, or the folder or file that is picked. */
export function ChoosingPart({ explorer, list }: { explorer: Explorer; list: Choosing }) {
  const { choosing } = explorer;
  void choosing.tree.version.value; // the rows are kept outside signals; this counts their changes
  const path = choosing.path.value;
  const row = choosing.row(path);
  const error = choosing.error.value;
  return (
    <section class="lx-main" aria-label="Selected file">
      <div class="lx-panel lx-choosing">
        {path === "/" || !row ? <DandisetCard list={list} /> : <AssetCard explorer={explorer} row={row} />}
        {error && (
          <FailureCard error={error} onRetry={() => void choosing.open(path)} works="The list still works." />
        )}
      </div>
      <DrawerVeil explorer={explorer} />
    </section>
  );
}

function DandisetCard({ list }: { list: Choosing }) {
  return (
    <>
      <h3>{list.title || list.name}</h3>
      <dl class="lx-kv">
        <dt>Dandiset</dt>
        <dd>
          {list.name.replace("Dandiset ", "")} on {list.archive}
        </dd>
        <dt>Version</dt>
        <dd>{list.version}</dd>
        <dt>Files</dt>
        <dd>{count(list.files)}</dd>
        <dt>Size</dt>
        <dd>{bytes(list.bytes)}</dd>
      </dl>
      <p class="lx-dim">Pick a file in the list, and open it. Opening reads no array data.</p>
      {list.web_page && (
        <p>
          <a class="lx-link" href={list.web_page} target="_blank" rel="noopener noreferrer">
            Page of the dandiset
          </a>
        </p>
      )}
    </>
  );
}

function AssetCard({ explorer, row }: { explorer: Explorer; row: Row }) {
  const { choosing, ctx } = explorer;
  const isFile = row.children === 0;
  return (
    <>
      <div class="lx-choosing-name">
        <h3>{row.name}</h3>
        <IconButton
          icon="copy"
          label="Copy path"
          onClick={() => void ctx.copy(shownPath(row.path), "Path")}
        />
      </div>
      <dl class="lx-kv">
        <dt>Path</dt>
        <dd>{shownPath(row.path)}</dd>
        {!isFile && row.type_name && (
          <>
            <dt>Contents</dt>
            <dd>{row.type_name}</dd>
          </>
        )}
        {row.stored_bytes !== null && (
          <>
            <dt>Size</dt>
            <dd>{bytes(row.stored_bytes)}</dd>
          </>
        )}
        {isFile && row.type_name && (
          <>
            <dt>LINDI</dt>
            <dd>{row.name}.lindi.json lies beside it and is opened in its place</dd>
          </>
        )}
      </dl>
      {isFile && <Choices explorer={explorer} row={row} opening={choosing.opening.value === row.path} />}
    </>
  );
}

function Choices({ explorer, row, opening }: { explorer: Explorer; row: Row; opening: boolean }) {
  const { choosing } = explorer;
  return (
    <div class="lx-buttons">
      <Button kind="primary" big disabled={opening} onClick={() => void choosing.open(row.path)}>
        Open file
      </Button>
      {row.type_name && (
        <Button big disabled={opening} onClick={() => void choosing.open(row.path, false)}>
          Open {row.name.split(".").at(-1)?.toUpperCase()} itself
        </Button>
      )}
      {opening && <Spinner words="Opening" />}
    </div>
  );
}
