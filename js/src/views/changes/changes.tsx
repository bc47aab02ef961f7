import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../../components/button.tsx";
import { FailureCard } from "../../components/failure-card.tsx";
import { Empty } from "../../components/pieces.tsx";
import { placeOf } from "../../data/changes.ts";
import { plural } from "../../data/format.ts";
import type { Change, Changes } from "../../data/protocol.ts";
import type { Explorer } from "../../state/explorer.ts";
import { ChangeItem } from "./change-item.tsx";
import "./changes.css";

/** Up to so many changes are reverted without a question; undo brings them back. */
const UNASKED = 5;

/** Everything that differs from the source, old and new side by side. */
export function ChangesPanel({ explorer }: { explorer: Explorer }) {
  const { changes } = explorer;
  const list = changes.list.value;
  const error = changes.error.value;
  if (error && !list) return <FailureCard error={error} onRetry={() => void changes.load()} />;
  if (!list) return null;
  return (
    <>
      <header class="lx-changes-head">
        <b>{plural(list.changes.length, "change")}</b>
        <span class="lx-dim lx-s lx-cut lx-grow">{list.source && `against ${list.source}`}</span>
        {list.changes.length > 0 && <RevertAll explorer={explorer} changes={list.changes} />}
      </header>
      {list.changes.length === 0 ? (
        <Empty words="Nothing has been changed.">
          <Button onClick={() => explorer.nav.leaveChanges()}>Show the whole tree</Button>
        </Empty>
      ) : (
        <ChangeList explorer={explorer} list={list} />
      )}
    </>
  );
}

function ChangeList({ explorer, list }: { explorer: Explorer; list: Changes }) {
  const box = useRef<HTMLUListElement>(null);
  const jump = explorer.changes.jump.value;
  useEffect(() => {
    if (jump) box.current?.querySelector(`[data-change="${jump.id}"]`)?.scrollIntoView({ block: "nearest" });
  }, [jump]);
  return (
    <>
      <div class="lx-changes-sides lx-dim lx-s" aria-hidden="true">
        <span>Source file</span>
        <span>Edited</span>
      </div>
      <ul ref={box} class="lx-scroll" aria-label="Changes">
        {list.changes.map((change) => (
          <ChangeItem
            key={change.id}
            change={change}
            current={change.id === jump?.id}
            onGo={() => explorer.select(placeOf(change), change.name ? "attributes" : "preview")}
            onRevert={() => void explorer.edits.tryTo({ op: "revert", changes: [change.id] })}
          />
        ))}
      </ul>
    </>
  );
}

/** One step, which undo takes back; a question only where many changes go at once. */
function RevertAll({ explorer, changes }: { explorer: Explorer; changes: readonly Change[] }) {
  const [asking, setAsking] = useState(false);
  const revert = () => {
    setAsking(false);
    void explorer.edits.tryTo({ op: "revert", changes: [] });
  };
  if (asking) {
    return (
      <>
        <Button onClick={() => setAsking(false)}>Keep them</Button>
        <Button icon="undo" onClick={revert}>
          Revert {plural(changes.length, "change")}
        </Button>
      </>
    );
  }
  return (
    <Button icon="undo" onClick={() => (changes.length > UNASKED ? setAsking(true) : revert())}>
      Revert all
    </Button>
  );
}
