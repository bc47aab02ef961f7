import { Button } from "../../components/button.tsx";
import { Chip } from "../../components/chip.tsx";
import { placeOf } from "../../data/changes.ts";
import { nameOf, shownPath } from "../../data/path.ts";
import type { Change } from "../../data/protocol.ts";
import { MARK_WORDS } from "../../data/row-facts.ts";

interface ChangeItemProps {
  change: Change;
  /** The one that was jumped to. */
  current: boolean;
  onGo: () => void;
  onRevert: () => void;
}

/** One difference: what it is about, old and new value, and the way back. */
export function ChangeItem({ change, current, onGo, onRevert }: ChangeItemProps) {
  const { id, mark, path, name, type, old, revertible } = change;
  const title = name || nameOf(path);
  return (
    <li class={`lx-change ${current ? "lx-change-current" : ""}`} data-change={id}>
      <div class="lx-change-head">
        <span class="lx-mark" data-tip={mark && MARK_WORDS[mark]}>
          {mark}
        </span>
        <button
          type="button"
          class="lx-link lx-change-name"
          data-tip={`Go to ${placeOf(change)}`}
          onClick={onGo}
        >
          {title}
        </button>
        <span class="lx-dim lx-s lx-cut lx-grow">{shownPath(path)}</span>
        {type && <Chip mono>{type}</Chip>}
        <Button
          kind="ghost"
          icon="undo"
          aria-label={`Revert ${title}`}
          disabled={!revertible}
          tip={revertible ? undefined : "A later change depends on this one"}
          onClick={onRevert}
        >
          <span class="lx-wide">Revert</span>
        </Button>
      </div>
      <div class="lx-diff lx-mono">
        <Half sign="−" words="old" text={old} absent="not present" kind="lx-diff-old" />
        <Half sign="+" words="new" text={change.new} absent="deleted" kind="lx-diff-new" />
      </div>
    </li>
  );
}

interface HalfProps {
  sign: string;
  words: string;
  text: string | null;
  absent: string;
  kind: string;
}

function Half({ sign, words, text, absent, kind }: HalfProps) {
  if (text === null) {
    return (
      <div class="lx-diff-void">
        <span class="lx-sr">{words}: </span>
        {absent}
      </div>
    );
  }
  return (
    <div class={kind} data-tip={text}>
      <span class="lx-sr">{words}: </span>
      <span aria-hidden="true">{sign} </span>
      {text}
    </div>
  );
}
