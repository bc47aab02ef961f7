import type { ComponentChildren } from "preact";
import type { RequestError } from "../data/failure.ts";
import { Button } from "./button.tsx";
import { Icon, type IconName } from "./icon.tsx";

/** Codes that are a refusal rather than a breakdown. */
const LOCKED = new Set(["denied", "read-only"]);

interface FailureCardProps {
  error: RequestError;
  onRetry?: (() => void) | undefined;
  /** What works instead, e.g. "Tree and attributes still work." */
  works?: string;
  /** One more button, if there is a better way than trying again. */
  children?: ComponentChildren;
}

/** Stands in place of content that failed, and of nothing else. */
export function FailureCard({ error, onRetry, works = "", children }: FailureCardProps) {
  const icon: IconName = LOCKED.has(error.code) ? "lock" : "error";
  const hint = [error.hint, works].filter(Boolean).join(" ");
  return (
    <div class="lx-failure" role="alert">
      <Icon name={icon} size={16} class="lx-error" />
      <div class="lx-grow">
        <h3>{error.message}</h3>
        {hint && <p>{hint}</p>}
        <div class="lx-buttons">
          {children}
          {onRetry && <Button onClick={onRetry}>Try again</Button>}
        </div>
        {error.details && (
          <details>
            <summary class="lx-dim lx-s">Details</summary>
            <pre class="lx-mono lx-well">{error.details}</pre>
          </details>
        )}
      </div>
    </div>
  );
}
