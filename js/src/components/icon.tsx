import { ICON_PATHS } from "./icon-paths.gen.ts";

export type IconName = keyof typeof ICON_PATHS;

interface IconProps {
  name: IconName;
  /** 16 in dialogs and for error titles, 14 elsewhere. */
  size?: 14 | 16;
  class?: string;
}

/** A picture beside words, or in a button that has a label: hidden from assistive technology. */
export function Icon({ name, size = 14, class: extra = "" }: IconProps) {
  return (
    <svg class={`lx-icon ${extra}`} width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path d={ICON_PATHS[name]} />
    </svg>
  );
}
