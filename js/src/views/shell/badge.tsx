import { Button } from "../../components/button.tsx";
import { Icon, type IconName } from "../../components/icon.tsx";
import { plural } from "../../data/format.ts";
import type { Status } from "../../data/protocol.ts";
import type { Explorer } from "../../state/explorer.ts";

interface Face {
  icon: IconName;
  tone: "error" | "warn" | "ok" | "dim";
  words: string;
  /** What stays of the words where there is no room. */
  short: string;
  tip: string;
}

const UNCHECKED: Face = {
  icon: "not-run",
  tone: "dim",
  words: "Not checked",
  short: "",
  tip: "Check the edited file against the NWB schema",
};
const CHECKING: Face = {
  icon: "running",
  tone: "dim",
  words: "Checking",
  short: "",
  tip: "The check is running",
};

/** What the last check of the current edit has said; opens the list of findings. */
export function Badge({ explorer }: { explorer: Explorer }) {
  const { checks, edits, opened } = explorer;
  const status = edits.status.value;
  const { icon, tone, words, short, tip } = faceOf(status, checks.running.value);
  const checked = status?.check === "valid" || status?.check === "findings";
  return (
    <Button
      kind="ghost"
      tone={tone}
      class="lx-badge"
      aria-label={words}
      aria-expanded={checks.open.value}
      tip={tip}
      disabled={!opened.value}
      onClick={() => void checks.press(checked)}
    >
      <Icon name={icon} class={icon === "running" ? "lx-spin" : ""} />
      <span class="lx-wide">{words}</span>
      {short && <span class="lx-narrow">{short}</span>}
    </Button>
  );
}

/** Icon, colour and words of a state: "1 error, 2 warnings". */
export function faceOf(status: Status | null, running: boolean): Face {
  if (running || status?.check === "checking") return CHECKING;
  if (!status || status.check === "unchecked") return UNCHECKED;
  const { errors, warnings } = status;
  if (errors + warnings === 0) {
    return { icon: "check", tone: "ok", words: "Valid", short: "", tip: "The last check has found nothing" };
  }
  const parts = [errors && plural(errors, "error"), warnings && plural(warnings, "warning")];
  const words = parts.filter(Boolean).join(", ");
  const tip = "Show the list of findings";
  return errors > 0
    ? { icon: "error", tone: "error", words, short: String(errors), tip }
    : { icon: "warning", tone: "warn", words, short: String(warnings), tip };
}
