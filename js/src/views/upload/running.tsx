import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Icon, type IconName } from "../../components/icon.tsx";
import { ProgressBar, WaitingBar } from "../../components/pieces.tsx";
import { sentences } from "../../data/failure.ts";
import { percent } from "../../data/format.ts";
import type { UploadState } from "../../data/protocol.ts";
import { amountWords, STEPS, shareOf, stepWords } from "../../data/upload-words.ts";
import type { Explorer } from "../../state/explorer.ts";

/** How far an upload is. Closing the dialog does not end it. */
export function RunningDialog({ explorer, state }: { explorer: Explorer; state: UploadState }) {
  const { upload } = explorer;
  const close = () => explorer.closeDialog();
  const share = shareOf(state);
  const cancelling = upload.cancelling.value;
  const error = upload.error.value;
  return (
    <Dialog
      title={`Uploading to ${state.archive} ${state.dandiset}`}
      width={640}
      onClose={close}
      footer={
        <>
          <span class="lx-dim lx-s lx-cut lx-grow">What has arrived is not sent again.</span>
          <Button big disabled={cancelling} onClick={() => upload.cancel()}>
            {cancelling ? "Cancelling…" : "Cancel upload"}
          </Button>
          <Button big onClick={close} data-autofocus>
            Continue in the background
          </Button>
        </>
      }
    >
      <div class="lx-upload-now">
        <span class="lx-grow">{stepWords(state)}</span>
        {share !== null && <span>{percent(share)}</span>}
      </div>
      {share === null ? (
        <WaitingBar label={state.label} />
      ) : (
        <ProgressBar label={state.label} done={share} total={1} />
      )}
      <p class="lx-dim lx-s lx-upload-amount">{amountWords(state)}</p>
      {error && (
        <p class="lx-upload-error" role="alert">
          {sentences(error)}
        </p>
      )}
      <ol class="lx-upload-steps" aria-label="Steps">
        {STEPS.map((name, index) => (
          <StepLine key={name} name={name} number={index + 1} now={state.step} />
        ))}
      </ol>
    </Dialog>
  );
}

function StepLine({ name, number, now }: { name: string; number: number; now: number }) {
  const [icon, tone, words]: [IconName, string, string] =
    number < now
      ? ["check", "lx-ok", "done"]
      : [number === now ? "running" : "not-run", number === now ? "lx-spin" : "lx-dim", ""];
  return (
    <li class={number > now ? "lx-dim" : ""} aria-current={number === now ? "step" : undefined}>
      <Icon name={icon} class={tone} />
      {name}
      {words && <span class="lx-sr">, {words}</span>}
    </li>
  );
}
