import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../../components/icon.tsx";
import { ProgressBar } from "../../components/pieces.tsx";
import type { Explorer } from "../../state/explorer.ts";

/** Assistive technology is told at most one sentence per second. */
const SPEAK_EVERY_MS = 1000;

/** The bottom line: kernel, one sentence with its actions, version. */
export function StatusBar({ explorer }: { explorer: Explorer }) {
  const { kernel, dot, words, spoken, alarm, spinner, progress, actions } = explorer.line.line.value;
  const version = explorer.opened.value?.nwb_version;
  return (
    <section class={`lx-status ${alarm ? "lx-alarm" : ""}`} aria-label="State">
      {dot && (
        <span class="lx-kernel">
          <i class={`lx-dot lx-dot-${dot}`} />
          {kernel}
        </span>
      )}
      {spinner && <Icon name="running" class="lx-spin" />}
      <span class="lx-cut lx-said" data-tip={words}>
        {words}
      </span>
      {progress && <ProgressBar label={progress.words} done={progress.done} total={progress.total} />}
      <span class="lx-grow" />
      {actions.map(({ label, run }) => (
        <button key={label} type="button" class="lx-status-action" onClick={run}>
          {label}
        </button>
      ))}
      {version && <span class="lx-wide">NWB {version}</span>}
      <Spoken words={spoken} />
    </section>
  );
}

function Spoken({ words }: { words: string }) {
  const [said, setSaid] = useState(words);
  const last = useRef(0);
  useEffect(() => {
    const wait = Math.max(0, last.current + SPEAK_EVERY_MS - Date.now());
    const timer = setTimeout(() => {
      last.current = Date.now();
      setSaid(words);
    }, wait);
    return () => clearTimeout(timer);
  }, [words]);
  return (
    <output class="lx-sr" aria-live="polite">
      {said}
    </output>
  );
}
