import { Button, IconButton } from "../../components/button.tsx";
import { Icon, type IconName } from "../../components/icon.tsx";
import { sentences } from "../../data/failure.ts";
import { duration } from "../../data/format.ts";
import { shownPath } from "../../data/path.ts";
import type { Finding, Findings, Severity } from "../../data/protocol.ts";
import type { Explorer } from "../../state/explorer.ts";
import "./findings.css";

const FACES: Record<Severity, [icon: IconName, tone: string]> = {
  error: ["error", "lx-error"],
  warning: ["warning", "lx-warn"],
  hint: ["hint", "lx-dim"],
};

/** The list of findings below the node: it stays readable while the values it talks about are corrected. */
export function FindingsDock({ explorer }: { explorer: Explorer }) {
  const { checks, edits } = explorer;
  const findings = checks.findings.value;
  const running = checks.running.value;
  const stale = edits.status.value?.check === "unchecked" && findings !== null;
  return (
    <section class="lx-dock" aria-label="Findings">
      <header>
        <b>Findings</b>
        <span class="lx-dim lx-s lx-cut lx-grow">{headWords(findings, running, stale)}</span>
        {!running && (
          <Button icon="refresh" onClick={() => void checks.run()}>
            Check again
          </Button>
        )}
        <IconButton
          icon="x"
          label="Close findings"
          onClick={() => {
            checks.open.value = false;
          }}
        />
      </header>
      <DockBody explorer={explorer} findings={findings} />
    </section>
  );
}

function DockBody({ explorer, findings }: { explorer: Explorer; findings: Findings | null }) {
  const { checks } = explorer;
  const error = checks.error.value;
  if (error) {
    return (
      <p class="lx-dock-words" role="alert">
        {sentences(error)}
      </p>
    );
  }
  if (!findings) return <p class="lx-dock-words lx-dim">The edited file is compared with its schema.</p>;
  if (findings.findings.length === 0) return <p class="lx-dock-words lx-dim">Nothing was found.</p>;
  return (
    <ul aria-label="Findings">
      {findings.findings.map((finding, index) => (
        <li key={`${finding.path} ${finding.text}`}>
          <FindingRow
            finding={finding}
            current={index === checks.current.value}
            onGo={() => explorer.jumps.toFinding(finding, index, true)}
          />
        </li>
      ))}
    </ul>
  );
}

function FindingRow({ finding, current, onGo }: { finding: Finding; current: boolean; onGo: () => void }) {
  const { severity, text, path, source } = finding;
  const [icon, tone] = FACES[severity];
  return (
    <button
      type="button"
      class="lx-finding"
      aria-label={`${severity}: ${text}, ${shownPath(path)}`}
      aria-current={current || undefined}
      data-tip={`${text} · ${path} · ${source}`}
      onClick={onGo}
    >
      <Icon name={icon} class={tone} />
      <span class="lx-cut">{text}</span>
      <span class="lx-cut lx-dim">{shownPath(path)}</span>
      <span class="lx-dim lx-xs lx-wide">{source}</span>
    </button>
  );
}

function headWords(findings: Findings | null, running: boolean, stale: boolean): string {
  if (running) return "Checking the edited file";
  if (!findings) return "";
  return stale ? "of an earlier state of the file" : `checked in ${duration(findings.seconds)}`;
}
