// biome-ignore-all lint/a11y/useSemanticElements: rows of a grid lay out and widen as tables cannot.
// biome-ignore-all lint/a11y/useFocusableInteractive: the focus goes to the button inside the cell.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Button, IconButton } from "../../components/button.tsx";
import { Chip } from "../../components/chip.tsx";
import { Icon } from "../../components/icon.tsx";
import { asRequestError, sentences } from "../../data/failure.ts";
import { shownPath } from "../../data/path.ts";
import type { Attribute } from "../../data/protocol.ts";
import { MARK_WORDS } from "../../data/row-facts.ts";
import type { ViewContext } from "../../state/context.ts";
import { draftKey, Editor, type Leaving } from "./editor.tsx";

interface AttributeRowProps {
  ctx: ViewContext;
  path: string;
  attribute: Attribute;
  /** Whether the row is the one in the tab order. */
  active: boolean;
  onActive: () => void;
  /** Tab and Shift-Tab in the editor: go on with a neighbour. */
  onLeave: (how: Leaving) => void;
  /** Counts up when the editor is to be opened from outside. */
  editing: number;
}

/** One attribute: mark, name, type, value, and what can be done with it. */
export function AttributeRow({
  ctx,
  path,
  attribute,
  active,
  onActive,
  onLeave,
  editing,
}: AttributeRowProps) {
  const { name, type, mark, finding } = attribute;
  const target = { path, name, type: "" };
  const [open, setOpen] = useState(() => ctx.drafts.has(draftKey(target)));
  const value = useRef<HTMLButtonElement>(null);
  const wanted = useRef(editing);
  const refocus = useRef(false);

  useLayoutEffect(() => {
    if (wanted.current === editing) return;
    wanted.current = editing;
    if (attribute.editable) setOpen(true);
    else value.current?.focus();
  }, [editing, attribute.editable]);
  useLayoutEffect(() => {
    if (open || !refocus.current) return;
    refocus.current = false;
    value.current?.focus();
  }, [open]);

  const leave = (how: Leaving) => {
    refocus.current = how === "kept" || how === "restored";
    setOpen(false);
    onLeave(how);
  };
  const keyDown = (event: KeyboardEvent) => {
    if (event.key === "F2" && attribute.editable) setOpen(true);
    else if (event.key === "Delete" && attribute.editable) void remove(ctx, path, name);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      class={`lx-attr ${open ? "lx-attr-open" : ""}`}
      role="row"
      data-attribute={name}
      onFocusIn={onActive}
    >
      <RowMark attribute={attribute} />
      <span role="rowheader" class={`lx-cut ${mark === "D" ? "lx-was" : ""}`} data-tip={name}>
        {name}
      </span>
      <span role="gridcell" class="lx-cut">
        <Chip mono tip={type}>
          {type}
        </Chip>
      </span>
      <div role="gridcell" class="lx-attr-value">
        {open ? (
          <Editor
            ctx={ctx}
            label={name}
            target={target}
            before={attribute.edit_text}
            edit={(text) => ({ op: "set_attribute", path, name, text })}
            onLeave={leave}
          />
        ) : (
          <Value
            ctx={ctx}
            attribute={attribute}
            active={active}
            inputRef={value}
            onEdit={() => setOpen(true)}
            onKeyDown={keyDown}
          />
        )}
        {!open && attribute.editable && <Follow ctx={ctx} target={attribute.target} />}
        {!open && finding && attribute.finding_text && (
          <span
            class={`lx-s lx-cut ${finding === "error" ? "lx-error" : "lx-warn"}`}
            data-tip={attribute.finding_text}
          >
            {attribute.finding_text}
          </span>
        )}
      </div>
      {!open && <Actions ctx={ctx} path={path} attribute={attribute} tabIndex={active ? 0 : -1} />}
    </div>
  );
}

function RowMark({ attribute: { finding, mark } }: { attribute: Attribute }) {
  const tone = { error: "lx-error", warning: "lx-warn", "": "" }[finding];
  const words = [finding, mark && MARK_WORDS[mark]].filter(Boolean).join(", ");
  return (
    <span role="gridcell" class={`lx-mark ${tone}`} data-tip={words} aria-label={words || undefined}>
      {finding ? "!" : mark}
    </span>
  );
}

interface ValueProps {
  ctx: ViewContext;
  attribute: Attribute;
  active: boolean;
  inputRef: { current: HTMLButtonElement | null };
  onEdit: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

function Value({ ctx, attribute, active, inputRef, onEdit, onKeyDown }: ValueProps) {
  const { name, text, mark, old_text, editable, why_not, target } = attribute;
  if (!editable && target) {
    return (
      <button
        ref={inputRef}
        type="button"
        class="lx-value lx-link lx-mono lx-cut"
        tabIndex={active ? 0 : -1}
        aria-label={`${name}: ${target}`}
        data-tip={`Go to ${target} · ${why_not}`}
        onClick={() => ctx.select(target)}
        onKeyDown={onKeyDown}
      >
        → {shownPath(target)}
      </button>
    );
  }
  return (
    <>
      {(mark === "M" || mark === "D") && (
        <s class="lx-was lx-mono lx-cut" data-tip={`Was ${old_text}`}>
          {old_text || "empty"}
        </s>
      )}
      <button
        ref={inputRef}
        type="button"
        class="lx-value lx-mono lx-cut"
        tabIndex={active ? 0 : -1}
        aria-label={`${name}: ${mark === "D" ? "deleted" : text || "empty"}`}
        aria-disabled={!editable}
        data-tip={editable ? text : [text, why_not].filter(Boolean).join(" · ")}
        onClick={() => editable && onEdit()}
        onKeyDown={onKeyDown}
      >
        {mark === "D" ? <span class="lx-dim">deleted</span> : text || <span class="lx-dim">empty</span>}
      </button>
      {/* Where nothing can be edited the header says so, once. */}
      {!editable && why_not && !ctx.opened.value?.read_only && <Icon name="lock" class="lx-dim" />}
    </>
  );
}

/** Where a reference leads, as something to go to. */
export function Follow({ ctx, target }: { ctx: ViewContext; target: string }) {
  if (!target) return null;
  return (
    <button
      type="button"
      class="lx-link lx-s lx-cut"
      data-tip={`Go to ${target}`}
      onClick={() => ctx.select(target)}
    >
      → {shownPath(target)}
    </button>
  );
}

interface ActionsProps {
  ctx: ViewContext;
  path: string;
  attribute: Attribute;
  tabIndex: number;
}

function Actions({ ctx, path, attribute: { name, change, editable, mark }, tabIndex }: ActionsProps) {
  return (
    <span role="gridcell" class="lx-attr-actions">
      {editable && mark !== "D" && (
        <IconButton
          icon="trash"
          label={`Delete ${name}`}
          class="lx-on-hover"
          tabIndex={tabIndex}
          onClick={() => void remove(ctx, path, name)}
        />
      )}
      {change !== null && (
        <Button
          kind="ghost"
          icon="undo"
          tabIndex={tabIndex}
          aria-label={`Revert ${name}`}
          onClick={() => void tryEdit(ctx, { op: "revert", changes: [change] })}
        >
          <span class="lx-wide">Revert</span>
        </Button>
      )}
    </span>
  );
}

function remove(ctx: ViewContext, path: string, name: string): Promise<void> {
  return tryEdit(ctx, { op: "delete_attribute", path, name });
}

/** An edit that no field waits for: what goes wrong is said in the status line. */
async function tryEdit(ctx: ViewContext, edit: Parameters<ViewContext["edit"]>[0]): Promise<void> {
  await ctx.edit(edit).catch((reason) => ctx.say(sentences(asRequestError(reason))));
}
