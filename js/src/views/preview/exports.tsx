// Ways to take along what is shown: CSV, PNG, and the code that reads it again.
import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../../components/button.tsx";
import { asRequestError, isCancelled } from "../../data/failure.ts";
import type { ViewContext } from "../../state/context.ts";

/** How long the tick after copying stays. */
const TICK_MS = 1200;

interface ExportsProps {
  ctx: ViewContext;
  /** What would be read again; null while nothing is shown. */
  data: { path: string; selection: string; agreed: number } | null;
  /** Python lines; null while nothing is shown. */
  code: string | null;
  /** Draws the picture as a PNG; absent where there is none to draw. */
  png?: (() => Promise<{ filename: string; data: Blob } | null>) | undefined;
}

export function Exports({ ctx, data, code, png }: ExportsProps) {
  return (
    <div class="lx-buttons lx-exports">
      <CsvButton ctx={ctx} data={data} />
      {png && (
        <Button
          icon="image"
          aria-label="Save PNG"
          tip="Save the picture"
          disabled={data === null}
          onClick={() => void savePng(ctx, png)}
        >
          <span class="lx-wide">PNG</span>
        </Button>
      )}
      <CodeButton ctx={ctx} code={code} />
    </div>
  );
}

function CsvButton({ ctx, data }: Pick<ExportsProps, "ctx" | "data">) {
  const running = useRef<AbortController | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => () => running.current?.abort(), []);
  const save = async () => {
    if (!data) return;
    const controller = new AbortController();
    running.current = controller;
    setBusy(true);
    try {
      const { path, selection, agreed } = data;
      const { body, buffers } = await ctx.request(
        { op: "csv", path, selection, agreed_bytes: agreed },
        { signal: controller.signal },
      );
      const file = buffers[0] as DataView<ArrayBuffer> | undefined;
      if (file) ctx.save(body.filename, body.mime, file);
    } catch (error) {
      const { message, hint } = asRequestError(error);
      if (!isCancelled(error)) ctx.say([message, hint].filter(Boolean).join(". "));
    } finally {
      running.current = null;
      if (!controller.signal.aborted) setBusy(false);
    }
  };
  const stop = () => {
    running.current?.abort();
    setBusy(false);
  };
  return busy ? (
    <Button icon="x" aria-label="Cancel CSV" tip="Stop reading for the CSV file" onClick={stop}>
      <span class="lx-wide">CSV</span>
    </Button>
  ) : (
    <Button
      icon="download"
      aria-label="Save CSV"
      tip={data ? `Save ${data.selection} as CSV` : "Save as CSV"}
      disabled={data === null}
      onClick={() => void save()}
    >
      <span class="lx-wide">CSV</span>
    </Button>
  );
}

export function CodeButton({ ctx, code }: Pick<ExportsProps, "ctx" | "code">) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), TICK_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    if (code === null) return;
    await ctx.copy(code, "Code");
    setCopied(true);
  };
  return (
    <Button
      icon={copied ? "check" : "code"}
      aria-label="Copy code"
      tip="Copy the Python lines that read this"
      disabled={code === null}
      onClick={() => void copy()}
    >
      <span class="lx-wide">Code</span>
    </Button>
  );
}

async function savePng(ctx: ViewContext, png: NonNullable<ExportsProps["png"]>): Promise<void> {
  const picture = await png();
  if (picture) ctx.save(picture.filename, "image/png", picture.data);
  else ctx.say("This browser could not draw the PNG.");
}

/** A file name for a picture of a node: its last two names, letters and digits only. */
export function pictureName(path: string): string {
  const names = path.split("/").filter(Boolean).slice(-2);
  const clean = names.map((name) => name.replaceAll(/[^\p{L}\p{N}._-]+/gu, "_").slice(0, 60)).filter(Boolean);
  return `${clean.join("_") || "picture"}.png`;
}
