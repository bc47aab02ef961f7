import { useState } from "preact/hooks";
import { Field } from "../../components/field.tsx";

interface EntryProps {
  label: string;
  value: string;
  /** Take what was typed; false where it cannot be taken, so that the field stays and turns red. */
  onCommit: (text: string) => boolean;
  unit?: string;
  width: number;
  disabled?: boolean;
}

/** A short field that takes effect with Enter or on leaving it; Esc restores it. */
export function Entry({ label, value, onCommit, unit, width, disabled = false }: EntryProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const [invalid, setInvalid] = useState(false);
  const reset = () => {
    setTyped(null);
    setInvalid(false);
  };
  const commit = () => {
    if (typed === null || typed === value || onCommit(typed)) reset();
    else setInvalid(true);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") commit();
    if (event.key !== "Escape" || typed === null) return;
    event.stopPropagation();
    reset();
  };
  return (
    <Field
      label={label}
      value={typed ?? value}
      invalid={invalid}
      width={width}
      disabled={disabled}
      onInput={(text) => {
        setTyped(text);
        setInvalid(false);
      }}
      onKeyDown={onKeyDown}
      onBlur={commit}
      {...(unit ? { unit } : {})}
    />
  );
}
