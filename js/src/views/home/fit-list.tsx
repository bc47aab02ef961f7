import type { VNode } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useSize } from "../../components/use-size.ts";
import { count } from "../../data/format.ts";

/** More than any line holds: further items are counted, not made. */
const MOST = 64;

/** Items in one line, separated by commas, whole or not at all; how many do not fit is said at the end. */
export function FitList({ items }: { items: readonly VNode[] }) {
  const list = useRef<HTMLUListElement>(null);
  const size = useSize(list);
  const [fitting, setFitting] = useState(items.length);
  // A new width wraps the items elsewhere.
  useLayoutEffect(() => {
    const rows = [...(list.current?.children ?? [])] as HTMLElement[];
    setFitting(rows.filter((row) => row.offsetTop === rows[0]?.offsetTop).length);
  }, [items.length, size?.width]);
  const hidden = items.length - fitting;
  return (
    <div class="lx-fit">
      <ul ref={list}>
        {items.slice(0, MOST).map((item, index) => (
          <li key={item.key}>
            {item}
            {index < items.length - 1 && ","}
          </li>
        ))}
      </ul>
      {hidden > 0 && <span class="lx-dim">and {count(hidden)} more</span>}
    </div>
  );
}
