import { useEffect, useState } from "preact/hooks";
import { IconButton } from "../../components/button.tsx";
import { Unknown } from "../../components/pieces.tsx";
import { count } from "../../data/format.ts";
import { Entry } from "./entry.tsx";
import type { LiveSlider } from "./use-image.ts";

/** Pictures follow each other no faster than this; milliseconds. */
const FRAME_MS = 100;

/**
 * One slider for each dimension of which the picture shows one index. The number follows the hand at once. A single one
 * can be played: the next picture is asked for when the last has come (`ready`).
 */
export function Sliders({ sliders, ready }: { sliders: readonly LiveSlider[]; ready: boolean }) {
  if (sliders.length === 0) return null;
  const name = (dimension: number) =>
    dimension === 0 && sliders.length === 1 ? "Frame" : `Dimension ${dimension}`;
  return (
    <div class="lx-sliders">
      {sliders.map((slider) => (
        <Line
          key={slider.dimension}
          slider={slider}
          name={name(slider.dimension)}
          playable={sliders.length === 1}
          ready={ready}
        />
      ))}
    </div>
  );
}

interface LineProps {
  slider: LiveSlider;
  name: string;
  playable: boolean;
  ready: boolean;
}

function Line({ slider, name, playable, ready }: LineProps) {
  const { index, size, setIndex } = slider;
  const last = (size ?? 1) - 1;
  const { playing, toggle } = usePlay(slider, ready);
  const commit = (text: string) => {
    const wanted = Number(text.replaceAll(",", ""));
    if (text.trim() === "" || !Number.isInteger(wanted) || wanted < 0 || wanted > last) return false;
    setIndex(wanted);
    return true;
  };
  return (
    <div class="lx-tools">
      {playable && (
        <IconButton
          icon={playing ? "pause" : "play"}
          label={playing ? "Pause" : "Play"}
          disabled={index >= last && !playing}
          onClick={toggle}
        />
      )}
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
        onKeyDown={(event) => {
          if (event.key !== " " || !playable) return;
          event.preventDefault();
          toggle();
        }}
      />
    </div>
  );
}

/** Goes on by itself while playing, until the end. */
function usePlay({ index, size, setIndex }: LiveSlider, ready: boolean) {
  const [playing, setPlaying] = useState(false);
  const end = size === null || index >= size - 1;
  useEffect(() => {
    if (!playing) return undefined;
    if (end) setPlaying(false);
    if (end || !ready) return undefined;
    const timer = setTimeout(() => setIndex(index + 1), FRAME_MS);
    return () => clearTimeout(timer);
  }, [playing, ready, end, index]);
  return { playing, toggle: () => setPlaying(!playing) };
}
