import type { Failure } from "./protocol.ts";

/** Codes the browser half adds to those of the Python error family. */
export type LocalCode = "cancelled" | "disconnected" | "ended" | "protocol";

/** A request that failed: what happened, and what to do about it. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly code: string;
  readonly hint: string;
  readonly details: string;

  constructor(failure: Pick<Failure, "code" | "message" | "hint" | "details">) {
    super(failure.message);
    this.code = failure.code;
    this.hint = failure.hint;
    this.details = failure.details;
  }
}

/** What happened and what to do, as one line. */
export function sentences({ message, hint }: Pick<RequestError, "message" | "hint">): string {
  return [message, hint]
    .filter(Boolean)
    .map((words) => (/[.!?]$/.test(words) ? words : `${words}.`))
    .join(" ");
}

/** A failure that starts in the browser. */
export function localFailure(code: LocalCode, message: string, hint = ""): RequestError {
  return new RequestError({ code, message, hint, details: "" });
}

/** Whether somebody stopped the request: nothing to show then. */
export function isCancelled(error: unknown): boolean {
  return error instanceof RequestError && error.code === "cancelled";
}

/** Whether what was asked for does not exist (any more). */
export function isGone(error: unknown): boolean {
  return error instanceof RequestError && error.code === "not-found";
}

/** Any thrown thing as a failure that can be shown. */
export function asRequestError(error: unknown): RequestError {
  if (error instanceof RequestError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new RequestError({
    code: "unexpected",
    message: "The view met an unexpected error",
    hint: "Try again. If it stays, report it with the details below.",
    details: text,
  });
}
