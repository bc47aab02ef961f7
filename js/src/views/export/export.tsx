import { useState } from "preact/hooks";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Field } from "../../components/field.tsx";
import { Icon } from "../../components/icon.tsx";
import { Unknown } from "../../components/pieces.tsx";
import { useDebounced } from "../../components/use-debounced.ts";
import { asRequestError, type RequestError, sentences } from "../../data/failure.ts";
import { bytes, plural } from "../../data/format.ts";
import type { ExportPlan } from "../../data/protocol.ts";
import type { Explorer } from "../../state/explorer.ts";
import { useReply } from "../../state/use-reply.ts";
import "./export.css";

const PLAN_AFTER_MS = 150;

/** Write the edited file: what it will be called, how large it is, and what would not travel with it. */
export function ExportDialog({ explorer }: { explorer: Explorer }) {
  const { ctx } = explorer;
  const [typed, setTyped] = useState<string | null>(null);
  const asked = useDebounced(typed ?? "", PLAN_AFTER_MS);
  const { reply, error: planError } = useReply(ctx, { op: "export_plan", filename: asked });
  const [agreed, setAgreed] = useState(false);
  const [writing, setWriting] = useState(false);
  const [error, setError] = useState<RequestError | null>(null);
  const plan = reply?.body ?? null;
  const filename = typed ?? plan?.filename ?? "";
  const locals = plan?.local_references ?? 0;
  // The plan of the name that stands in the field, not of the one before.
  const current = plan !== null && (typed === null || asked === typed);
  const ready = current && filename.trim() !== "" && (locals === 0 || agreed) && !writing;

  const write = async () => {
    if (!ready || !plan) return;
    setWriting(true);
    setError(null);
    try {
      const { body } = await ctx.request({
        op: "export",
        filename,
        replace: plan.exists,
        local_paths: agreed,
      });
      explorer.closeDialog();
      ctx.say(`Wrote “${body.filename}”, ${bytes(body.bytes)}, with ${plural(body.changes, "change")}.`);
    } catch (reason) {
      setError(asRequestError(reason));
      setWriting(false);
    }
  };
  const problem = error ?? planError;
  return (
    <Dialog
      title="Export"
      width={560}
      onClose={() => explorer.closeDialog()}
      footer={
        <>
          <span class="lx-dim lx-s lx-cut lx-grow">
            {current && plan.exists ? "A file of this name exists." : "The source stays as it is."}
          </span>
          <Button big onClick={() => explorer.closeDialog()}>
            Cancel
          </Button>
          <Button big kind="primary" icon="download" disabled={!ready} onClick={() => void write()}>
            {primaryWords(current ? plan : null, writing)}
          </Button>
        </>
      }
    >
      <div class="lx-export-form">
        <span class="lx-dim lx-s">File name</span>
        <Field
          label="File name"
          mono
          value={filename}
          onInput={setTyped}
          onKeyDown={(event: KeyboardEvent) => event.key === "Enter" && void write()}
          data-autofocus
        />
        <span class="lx-dim lx-s">Contents</span>
        <span>{plan ? contentWords(plan) : <Unknown width={240} />}</span>
      </div>
      {locals > 0 && (
        <label class="lx-export-locals">
          <input
            type="checkbox"
            checked={agreed}
            onChange={(event) => setAgreed(event.currentTarget.checked)}
          />
          <span>
            <b>Write {plural(locals, "reference")} to files of this machine.</b> Nobody else can follow them,
            and they show where the files are.
          </span>
        </label>
      )}
      {problem && (
        <p class="lx-export-error" role="alert">
          <Icon name="error" class="lx-error" />
          {sentences(problem)}
        </p>
      )}
    </Dialog>
  );
}

function contentWords({ changes }: ExportPlan): string {
  const what = changes === 0 ? "no changes" : plural(changes, "change");
  return `Metadata with ${what}, and references to the data where it is.`;
}

function primaryWords(plan: ExportPlan | null, writing: boolean): string {
  if (writing) return "Writing";
  const verb = plan?.exists ? "Replace with" : "Export";
  return plan ? `${verb} ${bytes(plan.bytes)}` : "Export";
}
