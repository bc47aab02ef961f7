// What an upload is said to do.
import { bytes, count, duration } from "./format.ts";
import type { UploadMode, UploadState } from "./protocol.ts";

/** The nine steps, as Python numbers them from 1. */
export const STEPS: readonly string[] = [
  "Freeze the edits",
  "Check the dandiset",
  "Check the embargo",
  "Send new data",
  "Write the document",
  "Read back",
  "Send the document",
  "Wait for the archive’s check",
  "Tidy up",
];

export const MODES: readonly { value: UploadMode; label: string }[] = [
  { value: "auto", label: "Automatic" },
  { value: "json", label: "JSON, new data beside it" },
  { value: "inline", label: "JSON, new data inside" },
  { value: "tar", label: "One .lindi.tar" },
  { value: "nwb", label: "NWB with all data" },
];

/** Steps whose progress is in bytes. */
const IN_BYTES: ReadonlySet<number> = new Set([1, 4, 5, 7]);
const WAITING = 8;

/** How much of a step is done; null where nobody knows, or where only patience is counted. */
export function shareOf({ step, done, total }: UploadState): number | null {
  return step === WAITING || total <= 1 ? null : Math.min(1, done / total);
}

/** `12 MB of 40 MB · 3 MB/s · about 9 s left`; empty where there is nothing to count. */
export function amountWords({ step, done, total, rate }: UploadState): string {
  if (step === WAITING) return done > 0 ? `${duration(done)}; usually it takes a minute or two` : "";
  if (total <= 1) return "";
  if (!IN_BYTES.has(step)) return `${count(done)} of ${count(total)}`;
  const left = rate > 0 && done < total ? `about ${duration(Math.max(1, (total - done) / rate))} left` : "";
  const speed = rate > 0 ? `${bytes(rate)}/s` : "";
  return [`${bytes(done)} of ${bytes(total)}`, speed, left].filter(Boolean).join(" · ");
}

/** `Step 4 of 9: sending the new data`. */
export function stepWords({ step, label }: UploadState): string {
  return step === 0
    ? label
    : `Step ${step} of ${STEPS.length}: ${label.slice(0, 1).toLowerCase()}${label.slice(1)}`;
}

/** How an upload has ended, for those who have not watched it; empty while it runs. */
export function endWords({ state, archive, dandiset, problem }: UploadState): string {
  if (state === "done") return `Uploaded to ${archive} ${dandiset}.`;
  return state === "failed" ? `The upload to ${archive} ${dandiset} has stopped: ${problem}` : "";
}
