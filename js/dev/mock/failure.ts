import { RequestError } from "../../src/data/failure.ts";

/** A failure as Python would send it. */
export function failure(code: string, message: string, hint: string, details = ""): RequestError {
  return new RequestError({ code, message, hint, details });
}
