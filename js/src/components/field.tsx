import type { ComponentChildren, InputHTMLAttributes, Ref } from "preact";
import { Icon, type IconName } from "./icon.tsx";

interface FieldProps
  extends Omit<InputHTMLAttributes, "icon" | "label" | "role" | "type" | "onInput" | "ref"> {
  /** Name of the field; shown nowhere, so put a visible word beside it. */
  label: string;
  value: string;
  onInput?: (text: string) => void;
  icon?: IconName;
  /** Shown at the right end, e.g. `s`. */
  unit?: ComponentChildren;
  mono?: boolean;
  invalid?: boolean;
  /** Pixels. */
  width?: number;
  inputRef?: Ref<HTMLInputElement>;
}

/** A text field of one line. */
export function Field({
  label,
  value,
  onInput,
  icon,
  unit,
  mono,
  invalid,
  width,
  inputRef,
  class: extra = "",
  ...rest
}: FieldProps) {
  const size = width === undefined ? {} : { style: { width: `${width}px` } };
  return (
    <span class={`lx-field ${invalid ? "lx-field-invalid" : ""} ${extra}`} {...size}>
      {icon && <Icon name={icon} class="lx-dim" />}
      <input
        type="text"
        class={mono ? "lx-mono" : ""}
        aria-label={label}
        aria-invalid={invalid || undefined}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        {...rest}
        {...(inputRef ? { ref: inputRef } : {})}
        value={value}
        onInput={(event) => onInput?.(event.currentTarget.value)}
      />
      {unit && <span class="lx-dim">{unit}</span>}
    </span>
  );
}

interface SelectProps<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
  disabled?: boolean;
}

/** A choice from a list: the browser's own list, so that keyboard and touch work as everywhere. */
export function Select<T extends string>({ label, value, options, onChange, disabled }: SelectProps<T>) {
  return (
    <span class="lx-field lx-select">
      <select
        aria-label={label}
        disabled={disabled}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value as T)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} selected={option.value === value}>
            {option.label}
          </option>
        ))}
      </select>
      <Icon name="collapse" />
    </span>
  );
}
