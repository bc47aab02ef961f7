import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Button } from "../../components/button.tsx";
import { Chip } from "../../components/chip.tsx";
import { asRequestError, sentences } from "../../data/failure.ts";
import type { Attribute, NodeCard } from "../../data/protocol.ts";
import type { ViewContext } from "../../state/context.ts";
import { draftKey, Editor } from "./editor.tsx";
import { Follow } from "./row.tsx";
import "./attributes.css";

interface ValueEditorProps {
  ctx: ViewContext;
  card: NodeCard;
  /** The value is shown elsewhere: only a button that opens the editor. */
  brief?: boolean;
}

/** The value of a scalar dataset, edited as an attribute is. Shows nothing for other nodes. */
export function ValueEditor({ ctx, card, brief = false }: ValueEditorProps) {
  const { value } = card;
  const target = { path: card.row.path, name: "", type: "" };
  const [open, setOpen] = useState(() => ctx.drafts.has(draftKey(target)));
  const button = useRef<HTMLButtonElement>(null);
  const refocus = useRef(false);
  useLayoutEffect(() => {
    if (!open && refocus.current) button.current?.focus();
    refocus.current = open;
  }, [open]);

  if (!value) return null;
  const { text, type, editable, why_not, change } = value;
  const label = card.row.name;
  return (
    <div class="lx-value-editor">
      <Chip mono>{type}</Chip>
      {open ? (
        <Editor
          ctx={ctx}
          label={label}
          target={target}
          before={value.edit_text}
          edit={(next) => ({ op: "set_value", path: card.row.path, text: next })}
          onLeave={() => setOpen(false)}
        />
      ) : (
        <>
          <Was value={value} />
          <button
            ref={button}
            type="button"
            class={brief ? "lx-btn lx-btn-plain" : "lx-value lx-mono"}
            aria-label={brief ? undefined : `${label}: ${text || "empty"}`}
            aria-disabled={!editable}
            data-tip={editable ? undefined : why_not}
            onClick={() => editable && setOpen(true)}
            onKeyDown={(event) => event.key === "F2" && editable && setOpen(true)}
          >
            {brief ? "Edit value" : text || <span class="lx-dim">empty</span>}
          </button>
          <Follow ctx={ctx} target={value.target} />
          {change !== null && <RevertButton ctx={ctx} change={change} />}
        </>
      )}
      {!open && <FindingWords value={value} />}
    </div>
  );
}

function RevertButton({ ctx, change }: { ctx: ViewContext; change: number }) {
  const revert = () =>
    ctx
      .edit({ op: "revert", changes: [change] })
      .catch((reason) => ctx.say(sentences(asRequestError(reason))));
  return (
    <Button kind="ghost" icon="undo" onClick={() => void revert()}>
      Revert
    </Button>
  );
}

function FindingWords({ value: { finding, finding_text: words } }: { value: Attribute }) {
  return words === "" ? null : (
    <span class={`lx-s ${finding === "error" ? "lx-error" : "lx-warn"}`}>{words}</span>
  );
}

function Was({ value: { mark, old_text: words } }: { value: Attribute }) {
  return mark === "M" ? <s class="lx-was lx-mono lx-cut">{words || "empty"}</s> : null;
}
