// Small pieces of panels that hold no state.
import type { ComponentChildren } from "preact";
import { Icon } from "./icon.tsx";

/** The line under a picture that says what was read, with an action at its end. */
export function CostLine({ words, children }: { words: string; children?: ComponentChildren }) {
  return (
    <div class="lx-tools lx-costline">
      <span class="lx-dim lx-cut lx-grow" data-tip={words}>
        {words}
      </span>
      {children}
    </div>
  );
}

type Facts = readonly (readonly [label: string, value: string | null])[];

/** Labelled values; one that is not known yet is a grey bar, never 0. */
export function FactList({ facts, class: name }: { facts: Facts; class?: string }) {
  return (
    <dl class={name}>
      {facts.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value ?? <Unknown />}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Labelled values at the left of a footer. */
export function Footer({ facts, children }: { facts: Facts; children?: ComponentChildren }) {
  return (
    <div class="lx-foot">
      <FactList facts={facts} />
      <span class="lx-grow" />
      {children}
    </div>
  );
}

/** Stands for a number that is not known yet. */
export function Unknown({ width = 48 }: { width?: number }) {
  return <span class="lx-unknown" style={{ width: `${width}px` }} aria-hidden="true" />;
}

/** One sentence for an empty panel and, if useful, one button. */
export function Empty({ words, children }: { words: string; children?: ComponentChildren }) {
  return (
    <div class="lx-empty">
      <span class="lx-dim">{words}</span>
      {children}
    </div>
  );
}

/** Something is under way. Words always stand beside it. */
export function Spinner({ words }: { words: string }) {
  return (
    <span class="lx-spinner">
      <Icon name="running" class="lx-spin" />
      {words}
    </span>
  );
}

/** How far something is; without `total` the bar is left out and `words` say it. */
export function ProgressBar({ label, done, total }: { label: string; done: number; total: number | null }) {
  if (total === null || total <= 0) return null;
  const share = Math.min(1, done / total);
  return (
    <div
      class="lx-bar"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
    >
      <i style={{ width: `${share * 100}%` }} />
    </div>
  );
}

/** Something is under way, and nobody knows how far it is. */
export function WaitingBar({ label }: { label: string }) {
  return (
    <div class="lx-bar lx-bar-waits" role="progressbar" aria-label={label}>
      <i />
    </div>
  );
}

/** A hairline between groups of a toolbar. */
export function Separator() {
  return <span class="lx-sep" aria-hidden="true" />;
}
