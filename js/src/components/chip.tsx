import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.tsx";

interface ChipProps {
  icon?: IconName;
  /** For types: `float32`. */
  mono?: boolean;
  tip?: string | undefined;
  class?: string;
  children: ComponentChildren;
}

/** A short fact in a frame: a type, a source. */
export function Chip({ icon, mono, tip, class: extra = "", children }: ChipProps) {
  return (
    <span class={`lx-chip ${mono ? "lx-mono" : ""} ${extra}`} data-tip={tip}>
      {icon && <Icon name={icon} />}
      {children}
    </span>
  );
}
