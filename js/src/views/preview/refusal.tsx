import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { needWords, offerWords } from "../../data/cost.ts";
import { bytes } from "../../data/format.ts";
import type { TooCostly } from "../../data/protocol.ts";

interface RefusalProps {
  refused: TooCostly;
  /** How long so many samples last, where that is known. */
  time?: ((samples: number) => string | null) | undefined;
  onOffer: (selection: string) => void;
  onAgree: (bytes: number) => void;
}

/** Nothing was read, as it costs more than a view reads unasked: what to do instead, the cheap way first. */
export function Refusal({ refused, time, onOffer, onAgree }: RefusalProps) {
  const { cost, offer, offer_cost: offerCost, allowed } = refused;
  return (
    <div class="lx-refusal" role="status">
      <Icon name="hint" size={16} class="lx-dim" />
      <div class="lx-grow">
        <h3>This view needs {bytes(cost.bytes)}</h3>
        <p>
          {needWords(cost)}. Nothing was read.
          {!allowed && " That is more than one view may read: choose less of it."}
        </p>
        <div class="lx-buttons">
          {offer !== "" && (
            <Button kind="primary" onClick={() => onOffer(offer)}>
              Show {offerWords(refused, time)} instead{offerCost && ` (${bytes(offerCost.bytes)})`}
            </Button>
          )}
          {allowed && <Button onClick={() => onAgree(cost.bytes)}>Read {bytes(cost.bytes)}</Button>}
        </div>
      </div>
    </div>
  );
}
