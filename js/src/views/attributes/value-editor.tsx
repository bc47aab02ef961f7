import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Button } from "../../components/button.tsx";
import { Chip } from "../../components/chip.tsx";
import { asRequestError, sentences } from "../../data/failure.ts";
import type { NodeCard } from "../../data/protocol.ts";
import type { ViewContext } from "../../state/context.ts";
import { draftKey, Editor } from "./editor.tsx";
import { Follow } from "./row.tsx";
import "./attributes.css";

/** The value of a scalar dataset, edited as an attribute is. Shows nothing for other nodes. */
export function ValueEditor({ ctx, card }: { ctx: ViewContext; card: NodeCard }) {
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
  const { text, type, mark, old_text, editable, why_not, change } = value;
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
          {mark === "M" && <s class="lx-was lx-mono lx-cut">{old_text || "empty"}</s>}
          <button
            ref={button}
            type="button"
            class="lx-value lx-mono"
            aria-label={`${label}: ${text || "empty"}`}
            aria-disabled={!editable}
            data-tip={editable ? undefined : why_not}
            onClick={() => editable && setOpen(true)}
            onKeyDown={(event) => event.key === "F2" && editable && setOpen(true)}
          >
            {text || <span class="lx-dim">empty</span>}
          </button>
          <Follow ctx={ctx} target={value.target} />
          {change !== null && (
            <Button
              kind="ghost"
              icon="undo"
              onClick={() =>
                void ctx
                  .edit({ op: "revert", changes: [change] })
                  .catch((reason) => ctx.say(sentences(asRequestError(reason))))
              }
            >
              Revert
            </Button>
          )}
        </>
      )}
      {value.finding_text && !open && (
        <span class={`lx-s ${value.finding === "error" ? "lx-error" : "lx-warn"}`}>{value.finding_text}</span>
      )}
    </div>
  );
}
