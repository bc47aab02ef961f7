import { splitName } from "../data/format.ts";

/** A name that is cut in the middle where it does not fit: the end tells files apart. */
export function MiddleCut({
  text,
  tail = 12,
  class: extra = "",
}: {
  text: string;
  tail?: number;
  class?: string;
}) {
  const [head, end] = splitName(text, tail);
  return (
    <span class={`lx-middle ${extra}`}>
      <span class="lx-cut">{head}</span>
      {end && <span>{end}</span>}
    </span>
  );
}
