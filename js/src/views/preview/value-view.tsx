import { useRef, useState } from "preact/hooks";
import { Button } from "../../components/button.tsx";
import { Chip } from "../../components/chip.tsx";
import { codeOf } from "../../data/code.ts";
import { count } from "../../data/format.ts";
import type { NodeCard, ValuePreview } from "../../data/protocol.ts";
import type { ViewContext } from "../../state/context.ts";
import { ValueEditor } from "../attributes/index.ts";
import { CodeButton } from "./exports.tsx";
import { Frame } from "./frame.tsx";
import { Refusal } from "./refusal.tsx";
import { TextSkeleton } from "./skeletons.tsx";
import { usePicture } from "./use-picture.ts";
import type { ViewProps } from "./view-props.ts";

/** Longer text is folded. */
const FOLD_LINES = 12;
const FOLD_LETTERS = 1200;
/** Longer text does not fit into the line of the editor. */
const EDITOR_LETTERS = 100;

/** A value has no size in pixels. */
const ANY_SIZE = { width: 1, height: 1 };

/** A scalar, a string, a reference or a few values as text; or the words that there is nothing to show. */
export function ValueView({ ctx, card, choice, switcher, memory }: ViewProps) {
  const content = useRef<HTMLDivElement>(null);
  const view = choice.view === "empty" ? "empty" : "value";
  const picture = usePicture(ctx, card, view, null, ANY_SIZE, memory);
  const body = picture.shown?.body;
  return (
    <Frame
      switcher={switcher}
      picture={picture}
      contentRef={content}
      skeleton={<TextSkeleton />}
      refusal={
        picture.refused && (
          <Refusal refused={picture.refused} onOffer={picture.retry} onAgree={picture.agree} />
        )
      }
    >
      {body?.type === "value" && <Value ctx={ctx} card={card} value={body} />}
    </Frame>
  );
}

interface ValueProps {
  ctx: ViewContext;
  card: NodeCard;
  value: ValuePreview;
}

function Value({ ctx, card, value }: ValueProps) {
  const [open, setOpen] = useState(false);
  const { text } = value;
  const shown = open ? text : folded(text);
  const hidden = text.length - shown.length;
  // The editor shows short values itself.
  const edited = card.value?.editable ?? false;
  const whole = edited && text.length <= EDITOR_LETTERS && !text.includes("\n");
  return (
    <div class="lx-text">
      {edited && <ValueEditor ctx={ctx} card={card} brief={!whole} />}
      {!whole && (
        <pre class="lx-mono lx-well">
          {shown}
          {hidden > 0 && "\u2026"}
        </pre>
      )}
      <div class="lx-buttons">
        {!edited && value.dtype !== "" && <Chip mono>{value.dtype}</Chip>}
        {value.target !== "" && (
          <Button icon="link" onClick={() => ctx.select(value.target)}>
            Go to {value.target}
          </Button>
        )}
        {(hidden > 0 || open) && (
          <Button aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? "Fold" : `Show ${count(hidden)} more characters`}
          </Button>
        )}
        <Button icon="copy" onClick={() => void ctx.copy(text, "Value")}>
          Copy value
        </Button>
        <CodeButton ctx={ctx} code={codeOf(value, false)} />
      </div>
      {value.truncated && <p class="lx-dim lx-s">Only the first part of the value is shown and copied.</p>}
    </div>
  );
}

/** The beginning of a long text. */
export function folded(text: string): string {
  const lines = text.split("\n", FOLD_LINES + 1);
  const few = lines.length > FOLD_LINES ? lines.slice(0, FOLD_LINES).join("\n") : text;
  return few.length > FOLD_LETTERS ? few.slice(0, FOLD_LETTERS) : few;
}
