import { Unknown } from "../../components/pieces.tsx";
import { count } from "../../data/format.ts";
import { Entry } from "./entry.tsx";
import type { LiveSlider } from "./use-image.ts";

/** One slider for each dimension of which the picture shows one index. The number follows the hand at once. */
export function Sliders({ sliders }: { sliders: readonly LiveSlider[] }) {
  if (sliders.length === 0) return null;
  const name = (dimension: number) =>
    dimension === 0 && sliders.length === 1 ? "Frame" : `Dimension ${dimension}`;
  return (
    <div class="lx-sliders">
      {sliders.map((slider) => (
        <Line key={slider.dimension} slider={slider} name={name(slider.dimension)} />
      ))}
    </div>
  );
}

function Line({ slider: { index, size, setIndex }, name }: { slider: LiveSlider; name: string }) {
  const last = (size ?? 1) - 1;
  const commit = (text: string) => {
    const wanted = Number(text.replaceAll(",", ""));
    if (text.trim() === "" || !Number.isInteger(wanted) || wanted < 0 || wanted > last) return false;
    setIndex(wanted);
    return true;
  };
  return (
    <div class="lx-tools">
      <span class="lx-dim">{name}</span>
      <Entry label={`${name} number`} value={count(index)} onCommit={commit} width={80} />
      <span class="lx-dim">of {size === null ? <Unknown /> : count(size)}</span>
      <input
        type="range"
        class="lx-grow"
        aria-label={name}
        min={0}
        max={last}
        disabled={size === null}
        value={index}
        onInput={(event) => setIndex(Number(event.currentTarget.value))}
      />
    </div>
  );
}
