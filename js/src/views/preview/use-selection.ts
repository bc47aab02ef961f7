// A view and the trait `selection`: begins where Python wants, goes where it is sent, and tells what it shows.
import { useEffect, useState } from "preact/hooks";
import type { ViewName } from "../../data/protocol.ts";
import type { ViewProps } from "./view-props.ts";

type Props = Omit<ViewProps, "switcher">;

/** What Python wants to see of this node, if no view has been there yet. */
function untaken({ ctx, card, choice, memory }: Props): string | null {
  const wanted = ctx.wanted.value;
  if (!wanted || wanted.path !== card.row.path || memory.taken === wanted) return null;
  return wanted.text === "" ? choice.selection : wanted.text;
}

/** The selection a view begins with; `usual` where it has never been left or sent anywhere. */
export function useBeginning(props: Props, view: ViewName, usual = props.choice.selection): string {
  const [beginning] = useState(() => {
    const text = untaken(props);
    if (text !== null) {
      props.memory.taken = props.ctx.wanted.value;
      // It is left for good: where a table was left counts no more.
      if (view === "table") delete props.memory.row;
    }
    return text ?? props.memory.selections[view] ?? usual;
  });
  return beginning;
}

/** Go where Python sends the view from now on. */
export function useWanted(props: Props, go: (selection: string) => void): void {
  const text = untaken(props);
  const wanted = props.ctx.wanted.value;
  useEffect(() => {
    if (text === null) return;
    props.memory.taken = wanted;
    go(text);
  }, [wanted]);
}

/** Tell what is shown: the answer to `asked`. While the next one is read, there may be another on the page. */
export function useShown(
  { ctx, card }: Props,
  asked: string,
  { seen, busy }: { seen: { selection: string } | null; busy: boolean },
): void {
  useEffect(() => {
    if (seen && !busy) ctx.show(card.row.path, asked, seen.selection);
  }, [seen, busy]);
}
