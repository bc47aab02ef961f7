import { IconButton } from "../../components/button.tsx";
import { FailureCard } from "../../components/failure-card.tsx";
import { Spinner } from "../../components/pieces.tsx";
import type { NodeCard } from "../../data/protocol.ts";
import type { ViewContext } from "../../state/context.ts";
import { useReply } from "../../state/use-reply.ts";

/** The metadata of a node as a LINDI document has it. */
export function JsonPanel({ ctx, card }: { ctx: ViewContext; card: NodeCard }) {
  const { reply, error, slow, retry } = useReply(ctx, { op: "json", path: card.row.path }, [card]);
  if (error) return <FailureCard error={error} onRetry={retry} works="The other tabs still work." />;
  if (!reply)
    return slow ? (
      <div class="lx-empty">
        <Spinner words="Reading the metadata" />
      </div>
    ) : null;
  const { text } = reply.body;
  return (
    <div class="lx-json">
      <IconButton icon="copy" label="Copy JSON" kind="plain" onClick={() => void ctx.copy(text, "JSON")} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without a focus the keyboard cannot scroll it. */}
      <section class="lx-scroll" aria-label="Metadata as JSON" tabIndex={0}>
        <pre class="lx-mono">{text}</pre>
      </section>
    </div>
  );
}
