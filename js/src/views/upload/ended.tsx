import type { ComponentChildren } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { FailureCard } from "../../components/failure-card.tsx";
import { Field } from "../../components/field.tsx";
import { Icon, type IconName } from "../../components/icon.tsx";
import { RequestError } from "../../data/failure.ts";
import { bytes, plural } from "../../data/format.ts";
import type { UploadedAsset, UploadState } from "../../data/protocol.ts";
import type { Explorer } from "../../state/explorer.ts";

/** What came of an upload. */
export function EndedDialog({ explorer, state }: { explorer: Explorer; state: UploadState }) {
  const { upload } = explorer;
  const close = () => explorer.closeDialog();
  const again = () => {
    upload.error.value = null;
    upload.preparing.value = true;
  };
  const { uploaded } = state;
  useLayoutEffect(() => {
    upload.seen.value = true;
  }, [upload, state]);
  return (
    <Dialog
      title={
        uploaded
          ? `Uploaded to ${state.archive} ${state.dandiset}`
          : `Upload to ${state.archive} ${state.dandiset}`
      }
      width={640}
      onClose={close}
      footer={
        <>
          <span class="lx-grow" />
          <Button big onClick={again}>
            {uploaded ? "Upload again…" : "Change…"}
          </Button>
          <Button big onClick={close}>
            Close
          </Button>
        </>
      }
    >
      {uploaded ? (
        <Result explorer={explorer} state={state} uploaded={uploaded} />
      ) : (
        <>
          <FailureCard
            error={upload.error.value ?? problemOf(state)}
            works="What has arrived is not sent again."
          >
            {!state.code.startsWith("asset-") && (
              <Button kind="primary" onClick={() => upload.retry()} data-autofocus>
                Retry
              </Button>
            )}
          </FailureCard>
          <Paths
            words={`${plural(state.left.length, "file")} in the dandiset ${
              state.left.length === 1 ? "waits" : "wait"
            } for the next try`}
            paths={state.left}
          />
        </>
      )}
    </Dialog>
  );
}

function problemOf({ code, problem, hint }: UploadState): RequestError {
  return new RequestError({ code, message: problem, hint, details: "" });
}

const STATUS: Record<UploadedAsset["status"], [icon: IconName, tone: string, words: string]> = {
  Valid: ["check", "lx-ok", "Valid: the archive’s own check found nothing wrong"],
  Pending: ["clock", "lx-dim", "Pending: the archive has not finished its own check"],
  Invalid: ["warning", "lx-warn", "Invalid: the archive’s own check complains"],
};

interface ResultProps {
  explorer: Explorer;
  state: UploadState;
  uploaded: UploadedAsset;
}

function Result({ explorer, state, uploaded }: ResultProps) {
  const { url, web_page, neurosift, sent, status, errors, orphans } = uploaded;
  const [icon, tone, words] = STATUS[status];
  return (
    <div class="lx-upload-result">
      {state.edited && (
        <p class="lx-upload-ask">
          <Icon name="warning" class="lx-warn" />
          <span class="lx-grow">
            <b>Edited since.</b> What is there now is not what was uploaded.
          </span>
        </p>
      )}
      <p class="lx-upload-name lx-mono">{state.path}</p>
      <p class="lx-upload-line">
        <Icon name={icon} class={tone} />
        {words}
      </p>
      {errors.length > 0 && (
        <ul class="lx-well lx-s" aria-label="What it complains about">
          {errors.map((error) => (
            <li key={error}>{error}</li>
          ))}
        </ul>
      )}
      <div class="lx-upload-address">
        <Field label="Address of the file" class="lx-grow" mono readOnly value={url} />
        <Button icon="copy" onClick={() => void explorer.ctx.copy(url, "Address")} data-autofocus>
          Copy address
        </Button>
      </div>
      <p class="lx-buttons">
        {web_page && <Away href={web_page}>Page on {state.archive}</Away>}
        {neurosift && <Away href={neurosift}>Open in Neurosift</Away>}
      </p>
      <p class="lx-dim lx-s">
        The file has {bytes(uploaded.bytes)}; {bytes(sent)} were sent in all. The edits stay here too, as long
        as this kernel runs.
      </p>
      <Paths
        words={`${plural(orphans.length, "file")} of an earlier upload ${
          orphans.length === 1 ? "is" : "are"
        } not needed`}
        paths={orphans}
      />
    </div>
  );
}

/** Files of the dandiset that are there, and that no document refers to. */
function Paths({ words, paths }: { words: string; paths: readonly string[] }) {
  if (paths.length === 0) return null;
  return (
    <details>
      <summary class="lx-dim lx-s">{words}</summary>
      <pre class="lx-mono lx-well">{paths.join("\n")}</pre>
    </details>
  );
}

function Away({ href, children }: { href: string; children: ComponentChildren }) {
  return (
    <a class="lx-link" href={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}
