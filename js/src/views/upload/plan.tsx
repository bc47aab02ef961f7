import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { FailureCard } from "../../components/failure-card.tsx";
import { Icon } from "../../components/icon.tsx";
import { Spinner } from "../../components/pieces.tsx";
import { type RequestError, sentences } from "../../data/failure.ts";
import { bytes } from "../../data/format.ts";
import type { UploadConflict, UploadPlan } from "../../data/protocol.ts";
import type { Explorer } from "../../state/explorer.ts";
import { UploadFindings } from "./findings.tsx";
import { UploadForm } from "./form.tsx";
import { Agreement, InTheWay, NoPlace } from "./questions.tsx";
import { type Plan, usePlan } from "./use-plan.ts";

/** Where the file is to go, and everything that speaks for it or against. Nothing is sent here. */
export function PlanDialog({ explorer }: { explorer: Explorer }) {
  const made = usePlan(explorer);
  const { wishes, wish, targets, list, plan, ready, start } = made;
  const close = () => explorer.closeDialog();
  return (
    <Dialog
      title="Upload to DANDI"
      width={760}
      onClose={close}
      footer={
        <>
          <span class="lx-dim lx-s lx-cut lx-grow">Nothing has been sent yet.</span>
          <Button big onClick={close}>
            {plan?.exists ? "Keep it" : "Cancel"}
          </Button>
          <Button big kind="primary" icon="upload" disabled={!ready} onClick={start}>
            {primaryWords(plan, wishes.conflict)}
          </Button>
        </>
      }
    >
      <UploadForm
        list={targets.reply?.body ?? null}
        wishes={wishes}
        plan={plan}
        wish={wish}
        onEnter={start}
      />
      {targets.error && <FailureCard error={targets.error} onRetry={targets.retry} />}
      {list && <NoPlace list={list} onRetry={targets.retry} />}
      <Looked made={made} />
    </Dialog>
  );
}

/** What was found, what is asked, or that it is being looked for. */
function Looked({ made }: { made: Plan }) {
  const { wishes, wish, plan, busy, error, retry } = made;
  return (
    <>
      {plan?.exists && <InTheWay plan={plan} wish={wish} />}
      {plan?.production && <Agreement plan={plan} agreed={wishes.agreed} wish={wish} />}
      {plan && <UploadFindings findings={plan.findings} />}
      {busy && <Spinner words="Looking at the file and the dandiset" />}
      {error && <Problem error={error} onRetry={retry} />}
    </>
  );
}

function Problem({ error, onRetry }: { error: RequestError; onRetry: () => void }) {
  return (
    <p class="lx-upload-error" role="alert">
      <Icon name="error" class="lx-error" />
      <span class="lx-grow">{sentences(error)}</span>
      <Button onClick={onRetry}>Try again</Button>
    </p>
  );
}

function primaryWords(plan: UploadPlan | null, conflict: UploadConflict): string {
  const verb = conflict === "replace" ? "Replace with" : "Upload";
  return plan ? `${verb} ${bytes(plan.bytes)}` : "Upload";
}
