import { Button, IconButton } from "../../components/button.tsx";
import { Chip } from "../../components/chip.tsx";
import { MiddleCut } from "../../components/middle-cut.tsx";
import { Separator, Unknown } from "../../components/pieces.tsx";
import { bytes, count, plural } from "../../data/format.ts";
import type { Opened, Status } from "../../data/protocol.ts";
import type { Explorer } from "../../state/explorer.ts";
import { Badge } from "./badge.tsx";
import { SideToggle } from "./side.tsx";

/** The top row: which file, what it has cost so far, and what is done with the file as a whole. */
export function Header({ explorer }: { explorer: Explorer }) {
  const { edits, nav } = explorer;
  const opened = explorer.opened.value;
  const status = edits.status.value;
  const changes = status?.changes ?? 0;
  return (
    <section class="lx-head" aria-label="File">
      <SideToggle explorer={explorer} what="tree" />
      {!explorer.openError.value && <FileName opened={opened} />}
      {status && <Traffic status={status} />}
      <span class="lx-grow" />
      <IconButton
        icon="undo"
        label={status?.undo ? `Undo: ${status.undo}` : "Nothing to undo"}
        disabled={!status?.undo}
        onClick={() => void edits.undo()}
      />
      <IconButton
        icon="redo"
        label={status?.redo ? `Redo: ${status.redo}` : "Nothing to redo"}
        disabled={!status?.redo}
        onClick={() => void edits.redo()}
      />
      <Separator />
      <Button
        kind="ghost"
        icon="changes"
        aria-pressed={nav.tab.value === "changes"}
        aria-label={plural(changes, "change")}
        tip={changes === 0 ? "Nothing has been changed" : "Old and new side by side"}
        disabled={!opened}
        onClick={() => explorer.toggleChanges()}
      >
        <span class="lx-wide">Changes</span>
        {count(changes)}
      </Button>
      <Badge explorer={explorer} />
      <Button
        icon="download"
        class="lx-export"
        aria-label="Export…"
        tip="Write a .lindi.json file"
        disabled={!opened}
        onClick={() => explorer.openDialog("export")}
      >
        <span class="lx-wide">Export…</span>
      </Button>
      <Button
        icon="upload"
        aria-label="Upload…"
        tip="Put the edited file into a dandiset"
        disabled={!opened}
        onClick={() => explorer.openDialog("upload")}
      >
        <span class="lx-opt">Upload…</span>
      </Button>
    </section>
  );
}

function FileName({ opened }: { opened: Opened | null }) {
  if (!opened) return <Unknown width={160} />;
  const { name, source, source_kind, format, read_only, embargoed } = opened;
  return (
    <>
      <span class="lx-file" data-tip={name}>
        <MiddleCut text={name} tail={tailOf(name)} />
      </span>
      <Chip
        icon={source_kind === "remote" ? "cloud" : "disk"}
        tip={`${format}, ${source}`}
        class="lx-wide lx-source"
      >
        <span class="lx-cut">{source}</span>
      </Chip>
      {embargoed && (
        <Chip icon="lock" tip="Only owners of the dandiset can see it" class="lx-wide">
          <span class="lx-opt">embargoed</span>
        </Chip>
      )}
      {read_only && (
        <Chip icon="lock" tip={read_only} class="lx-wide">
          <span class="lx-opt">read only</span>
        </Chip>
      )}
    </>
  );
}

/** Letters at the end that stay: all of an ending such as `.nwb.lindi.json`. */
function tailOf(name: string): number {
  const ending = /(\.\w{1,5}){1,3}$/.exec(name)?.[0] ?? "";
  return Math.max(12, ending.length);
}

/** What reading has cost since the file was opened. */
function Traffic({ status }: { status: Status }) {
  // A file on this machine is read without any.
  if (status.requests === 0) return null;
  const requests = plural(status.requests, "request");
  const received = bytes(status.bytes);
  return (
    <span
      class="lx-wide lx-dim lx-s lx-traffic"
      data-tip={`${requests}, ${count(status.bytes)} bytes since opening`}
    >
      <span class="lx-opt">{requests} · </span>
      {received}
    </span>
  );
}
