import { Icon, type IconName } from "../../components/icon.tsx";
import type { UploadFinding } from "../../data/protocol.ts";

const LOOK: Record<UploadFinding["level"], [icon: IconName, tone: string]> = {
  ok: ["check", "lx-ok"],
  note: ["hint", "lx-dim"],
  warning: ["warning", "lx-warn"],
  blocked: ["error", "lx-error"],
};

/** What was looked at before anything is sent. */
export function UploadFindings({ findings }: { findings: readonly UploadFinding[] }) {
  return (
    <ul class="lx-upload-findings" aria-label="Checks">
      {findings.map(({ level, title, detail }) => (
        <li key={title + detail}>
          <Icon name={LOOK[level][0]} class={LOOK[level][1]} />
          <span>
            <span class="lx-sr">{level}: </span>
            {title}
          </span>
          <span class={`lx-s ${level === "blocked" ? "lx-error" : "lx-dim"}`}>{detail}</span>
        </li>
      ))}
    </ul>
  );
}
