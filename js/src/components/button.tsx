import type { ButtonHTMLAttributes, ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.tsx";

interface ButtonProps extends Omit<ButtonHTMLAttributes, "icon" | "size"> {
  icon?: IconName;
  /** Plain has an edge; ghost has none; at most one primary in sight. */
  kind?: "plain" | "ghost" | "primary";
  tone?: "error" | "warn" | "ok" | "dim";
  /** 28 px high, for dialogs. */
  big?: boolean;
  /** Text of the tooltip. */
  tip?: string | undefined;
  children?: ComponentChildren;
}

/** A button with words. Buttons are verb + object: "Add attribute". */
export function Button({
  icon,
  kind = "plain",
  tone,
  big,
  tip,
  class: extra,
  children,
  ...rest
}: ButtonProps) {
  const names = ["lx-btn", `lx-btn-${kind}`, tone && `lx-${tone}`, big && "lx-btn-big", extra];
  return (
    <button type="button" class={names.filter(Boolean).join(" ")} data-tip={tip} {...rest}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ButtonProps, "icon" | "children" | "tip" | "aria-label"> {
  icon: IconName;
  /** What the button does, as its tooltip and its name. */
  label: string;
}

/** A button that shows an icon alone. */
export function IconButton({ icon, label, kind = "ghost", class: extra = "", ...rest }: IconButtonProps) {
  return (
    <Button icon={icon} kind={kind} class={`lx-btn-icon ${extra}`} aria-label={label} tip={label} {...rest} />
  );
}
