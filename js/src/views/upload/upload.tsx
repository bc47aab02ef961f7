// The dialog of an upload: where to and what is in the way, then how far it is, then what came of it.
import type { Explorer } from "../../state/explorer.ts";
import { EndedDialog } from "./ended.tsx";
import { PlanDialog } from "./plan.tsx";
import { RunningDialog } from "./running.tsx";
import "./upload.css";

export function UploadDialog({ explorer }: { explorer: Explorer }) {
  const { upload } = explorer;
  const state = upload.state.value;
  if (state?.state === "running") return <RunningDialog explorer={explorer} state={state} />;
  if (!state || state.state === "none" || upload.preparing.value) return <PlanDialog explorer={explorer} />;
  return <EndedDialog explorer={explorer} state={state} />;
}
