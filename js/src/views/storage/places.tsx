import { count } from "../../data/format.ts";
import type { Place, Storage } from "../../data/protocol.ts";

/** What a place is called, in the order of the bar. */
export const PLACE_WORDS: Record<Place, string> = {
  source: "in source",
  inline: "in the document",
  staged: "staged edits",
  local: "in another local file",
  external: "behind an external link",
  missing: "missing, read as fill value",
};

/** How many chunks live where. Places differ by their pattern too, not only by colour. */
export function PlacesBar({ places }: { places: Storage["places"] }) {
  const order = Object.keys(PLACE_WORDS);
  const shown = places
    .filter(([, chunks]) => chunks > 0)
    .toSorted(([one], [other]) => order.indexOf(one) - order.indexOf(other));
  const sentence = shown.map(([place, chunks]) => `${count(chunks)} ${PLACE_WORDS[place]}`).join(", ");
  return (
    <div class="lx-places">
      <div class="lx-places-bar" role="img" aria-label={`Chunks: ${sentence}`}>
        {shown.map(([place, chunks]) => (
          <i key={place} class={`lx-place lx-place-${place}`} style={{ flexGrow: chunks }} />
        ))}
      </div>
      <ul aria-hidden="true">
        {shown.map(([place, chunks]) => (
          <li key={place}>
            <i class={`lx-place lx-place-${place}`} />
            {count(chunks)} {PLACE_WORDS[place]}
          </li>
        ))}
      </ul>
    </div>
  );
}
