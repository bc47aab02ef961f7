import { count } from "../../data/format.ts";
import { parseRange, type Span, writeRange } from "../../data/selection.ts";
import { Entry } from "./entry.tsx";

interface RangeEntryProps {
  /** `Channels`, `Columns`. */
  label: string;
  range: Span;
  /** Of how many. */
  size: number;
  onRange: (range: Span) => void;
}

/** Which of the things along a dimension are shown: `0–15` of 384. */
export function RangeEntry({ label, range, size, onRange }: RangeEntryProps) {
  const commit = (text: string) => {
    const wanted = parseRange(text, size);
    if (wanted) onRange(wanted);
    return wanted !== null;
  };
  return (
    <>
      <span class="lx-dim lx-opt">{label}</span>
      <Entry label={label} value={writeRange(range)} onCommit={commit} width={72} />
      <span class="lx-dim lx-opt">of {count(size)}</span>
    </>
  );
}
