import { Button } from "../../components/button.tsx";
import { FailureCard } from "../../components/failure-card.tsx";
import { Icon } from "../../components/icon.tsx";
import { RequestError } from "../../data/failure.ts";
import type { UploadPlan, UploadTargets } from "../../data/protocol.ts";
import { ASK, type Wish } from "./use-plan.ts";

const ABOUT_KEYS =
  "An environment variable counts from the start of the kernel. No key is typed here: it stays where the kernel runs.";

/** Without a key, or a dandiset of one's own, there is nowhere to go. */
export function NoPlace({ list, onRetry }: { list: UploadTargets; onRetry: () => void }) {
  if (list.problem) {
    const { code, problem: message, hint } = list;
    return (
      <FailureCard
        error={new RequestError({ code, message, hint, details: "" })}
        onRetry={onRetry}
        works={code === "denied" ? ABOUT_KEYS : ""}
      />
    );
  }
  if (list.dandisets.length > 0) return null;
  return (
    <p class="lx-upload-wait">
      There is no dandiset of yours on {list.archive}.{" "}
      {list.web_page && (
        <a class="lx-link" href={list.web_page} target="_blank" rel="noopener noreferrer">
          Make one there
        </a>
      )}
    </p>
  );
}

/** A file of this name is there: three ways on, of which the third is to leave it. */
export function InTheWay({ plan, wish }: { plan: UploadPlan; wish: Wish }) {
  return (
    <div class="lx-upload-ask" role="alert">
      <Icon name="warning" class="lx-warn" />
      <span class="lx-grow">
        <b>There is a file of this name.</b> {plan.path}
      </span>
      <span class="lx-buttons">
        <Button onClick={() => wish({ conflict: "replace", replaces: plan.replaces })}>Replace it</Button>
        <Button onClick={() => wish({ ...ASK, conflict: "rename" })}>Use another name</Button>
      </span>
    </div>
  );
}

/** Nothing goes to an archive for publications by mistake. */
export function Agreement({ plan, agreed, wish }: { plan: UploadPlan; agreed: boolean; wish: Wish }) {
  return (
    <label class="lx-upload-ask">
      <input
        type="checkbox"
        checked={agreed}
        onChange={(event) => wish({ agreed: event.currentTarget.checked })}
      />
      <span class="lx-grow">
        <b>Yes, upload to {plan.archive}, not to a sandbox.</b> It is for publications, and LINDI is not
        official there.
      </span>
    </label>
  );
}
