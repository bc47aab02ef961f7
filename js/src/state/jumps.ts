import { signal } from "@preact/signals";
import { placeOf } from "../data/changes.ts";
import { asRequestError, sentences } from "../data/failure.ts";
import type { Finding } from "../data/protocol.ts";
import type { CheckState } from "./checks.ts";
import type { ViewContext } from "./context.ts";
import type { Navigation } from "./navigation.ts";

/** Going to what was found or edited, one after the other. */
export class Jumps {
  /** Node whose first attribute with a finding is to have the focus, and whether to be edited; taken by its view. */
  readonly wanted = signal<{ path: string; edit: boolean } | null>(null);
  readonly #ctx: ViewContext;
  readonly #nav: Navigation;
  readonly #checks: CheckState;

  constructor(ctx: ViewContext, nav: Navigation, checks: CheckState) {
    this.#ctx = ctx;
    this.#nav = nav;
    this.#checks = checks;
  }

  /** Go to what a finding is about; `edit` = ready to correct it. */
  toFinding(finding: Finding, index: number, edit: boolean): void {
    this.#checks.current.value = index;
    this.#ctx.select(finding.path, "attributes");
    this.wanted.value = { path: finding.path, edit };
  }

  /** The next finding of the list, from the one that was jumped to last. */
  toNextFinding(): void {
    const list = this.#checks.findings.peek()?.findings ?? [];
    const index = (this.#checks.current.peek() + 1) % Math.max(1, list.length);
    const finding = list[index];
    if (!finding) this.#ctx.say("No findings.");
    // An open field would take the next `f` for text.
    else this.toFinding(finding, index, false);
  }

  /** The next edited node after the selected one, in the order of the file. */
  async toNextEdited(): Promise<void> {
    try {
      const { body } = await this.#ctx.request({ op: "changes" });
      const paths = [...new Set(body.changes.map(placeOf))];
      const next = paths[(paths.indexOf(this.#nav.path.peek()) + 1) % Math.max(1, paths.length)];
      if (next === undefined) this.#ctx.say("No changes.");
      else this.#ctx.select(next);
    } catch (reason) {
      this.#ctx.say(sentences(asRequestError(reason)));
    }
  }
}
