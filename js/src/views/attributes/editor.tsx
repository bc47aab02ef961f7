import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { IconButton } from "../../components/button.tsx";
import { useUniqueId } from "../../components/use-unique-id.ts";
import { asRequestError, isCancelled, sentences } from "../../data/failure.ts";
import type { EditDraft, ViewContext } from "../../state/context.ts";

const CHECK_AFTER_MS = 100;
const MOST_LINES = 6;

/** How an editor was left: `next` and `previous` are Tab and Shift-Tab. */
export type Leaving = "kept" | "restored" | "next" | "previous";

export interface EditorTarget {
  path: string;
  /** Empty for the value of a dataset. */
  name: string;
  /** Type to be given to a new attribute; empty = the type is kept. */
  type: string;
}

interface EditorProps {
  ctx: ViewContext;
  label: string;
  target: EditorTarget;
  /** The text before; empty for a new attribute. */
  before: string;
  /** The edit that keeps a text; words where it cannot be kept yet. */
  edit: (text: string) => EditDraft | string;
  onLeave: (how: Leaving) => void;
  /** For a new value: an unchanged text is an edit too, the focus stays, and nothing is remembered. */
  adding?: boolean;
}

interface Verdict {
  ok: boolean;
  words: string;
}

/** Key under which the text of an open editor is remembered. */
export function draftKey({ path, name }: Pick<EditorTarget, "path" | "name">): string {
  return `${path}\n${name}`;
}

/** A field for one value. Enter keeps, Esc restores, Tab keeps and goes on; a hint never stands in the way of Enter. */
export function Editor({ ctx, label, target, before, edit, onLeave, adding = false }: EditorProps) {
  const key = draftKey(target);
  const [text, setText] = useState(() => ctx.drafts.get(key) ?? before);
  const [saving, setSaving] = useState(false);
  const [refused, setRefused] = useState<Verdict | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const hint = useUniqueId();
  const checked = useVerdict(ctx, target, text, text !== before);
  const verdict = refused ?? checked;

  useLayoutEffect(() => {
    if (adding) return;
    field.current?.focus();
    field.current?.select();
  }, [adding]);

  const type = (next: string) => {
    setText(next);
    setRefused(null);
    if (!adding) ctx.drafts.set(key, next);
  };
  const leave = (how: Leaving) => {
    ctx.drafts.delete(key);
    onLeave(how);
  };
  const keep = async (how: Leaving) => {
    if (saving) return;
    if (text === before && !adding) return leave(how);
    // A text area knows only line feeds; what the file had stays as it was.
    const draft = edit(before.includes("\r\n") ? text.replace(/\r?\n/g, "\r\n") : text);
    if (typeof draft === "string") return setRefused({ ok: false, words: draft });
    setSaving(true);
    try {
      await ctx.edit(draft);
      leave(how);
    } catch (reason) {
      setRefused({ ok: false, words: sentences(asRequestError(reason)) });
      setSaving(false);
      field.current?.focus();
    }
  };
  const keyDown = (event: KeyboardEvent) => {
    const { key: name, shiftKey } = event;
    if (name === "Enter" && !shiftKey && !event.isComposing) void keep("kept");
    else if (name === "Escape") leave("restored");
    else if (name === "Tab") void keep(shiftKey ? "previous" : "next");
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const wrong = verdict !== null && !verdict.ok;
  return (
    <div class="lx-editor">
      <div class="lx-editor-line">
        <span class={`lx-field lx-editor-field ${wrong ? "lx-field-invalid" : ""}`}>
          <textarea
            ref={field}
            class="lx-mono"
            rows={Math.min(MOST_LINES, text.split("\n").length)}
            aria-label={label}
            aria-invalid={wrong}
            aria-describedby={hint}
            aria-busy={saving}
            spellcheck={false}
            value={text}
            onInput={(event) => type(event.currentTarget.value)}
            onKeyDown={keyDown}
          />
        </span>
        <span class="lx-grow" />
        <IconButton
          icon="check"
          label={wrong ? `Keep ${text || "the empty text"} anyway` : "Keep (Enter)"}
          onClick={() => void keep("kept")}
        />
        <IconButton icon="x" label="Restore (Esc)" onClick={() => leave("restored")} />
      </div>
      <p id={hint} class={`lx-s lx-cut ${wrong ? "lx-error" : "lx-dim"}`} data-tip={verdict?.words}>
        {verdict?.words || "Enter keeps, Esc restores, Tab goes on"}
      </p>
    </div>
  );
}

/** What the Python side says of a text, a moment after the last key. Late verdicts of older texts are dropped. */
function useVerdict(
  ctx: ViewContext,
  { path, name, type }: EditorTarget,
  text: string,
  changed: boolean,
): Verdict | null {
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  useEffect(() => {
    if (!changed) {
      setVerdict(null);
      return undefined;
    }
    const stop = new AbortController();
    const timer = setTimeout(() => {
      ctx.request({ op: "check_text", path, name, text, type }, { signal: stop.signal }).then(
        ({ body }) => setVerdict(body),
        // No verdict is no obstacle: keeping the text tells.
        (reason) => isCancelled(reason) || setVerdict(null),
      );
    }, CHECK_AFTER_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [ctx, path, name, type, text, changed]);
  return verdict;
}
