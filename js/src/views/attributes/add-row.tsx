// biome-ignore-all lint/a11y/useSemanticElements: rows of a grid lay out and widen as tables cannot.
// biome-ignore-all lint/a11y/useFocusableInteractive: the focus goes to the fields inside the cells.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Field, Select } from "../../components/field.tsx";
import type { ViewContext } from "../../state/context.ts";
import { Editor } from "./editor.tsx";

/** Types a new attribute can have, the usual ones first. */
const TYPES = [
  "utf-8",
  "float64",
  "float32",
  "int64",
  "int32",
  "int16",
  "int8",
  "uint64",
  "uint32",
  "uint16",
  "uint8",
  "bool",
] as const;

interface AddRowProps {
  ctx: ViewContext;
  path: string;
  /** Names that are taken. */
  taken: ReadonlySet<string>;
  /** `name` of what was added, empty if nothing was. */
  onDone: (name: string) => void;
}

/** The row of an attribute to be added: name, type, value. */
export function AddRow({ ctx, path, taken, onDone }: AddRowProps) {
  const [name, setName] = useState("");
  const [type, setType] = useState<(typeof TYPES)[number]>("utf-8");
  const trimmed = name.trim();
  const exists = taken.has(trimmed);
  const giveUp = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    onDone("");
  };
  const nameField = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => nameField.current?.focus(), []);
  return (
    <div class="lx-attr lx-attr-open" role="row" aria-label="New attribute" onKeyDown={giveUp}>
      <span role="gridcell" />
      <span role="gridcell">
        <Field
          label="Name of the new attribute"
          placeholder="name"
          value={name}
          onInput={setName}
          invalid={exists}
          inputRef={nameField}
        />
      </span>
      <span role="gridcell">
        <Select
          label="Type"
          value={type}
          options={TYPES.map((value) => ({ value, label: value }))}
          onChange={setType}
        />
      </span>
      <div role="gridcell" class="lx-attr-value">
        <Editor
          ctx={ctx}
          label="Value of the new attribute"
          target={{ path, name: trimmed, type }}
          before=""
          adding
          edit={(text) => {
            if (trimmed === "") return "Type a name first.";
            return exists ? `“${trimmed}” exists.` : { op: "set_attribute", path, name: trimmed, text, type };
          }}
          onLeave={(how) => onDone(how === "restored" ? "" : trimmed)}
        />
      </div>
    </div>
  );
}
