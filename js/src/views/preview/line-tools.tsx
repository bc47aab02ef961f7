import { IconButton } from "../../components/button.tsx";
import { Select } from "../../components/field.tsx";
import { Unknown } from "../../components/pieces.tsx";
import type { Stretch } from "../../data/axis.ts";
import { number } from "../../data/format.ts";
import { lengthChoices, lengthWords, place } from "../../data/line-words.ts";
import { Entry } from "./entry.tsx";
import { RangeEntry } from "./range-entry.tsx";
import type { DrawnLine, LineState } from "./use-line.ts";

export function LineTools({ line }: { line: LineState }) {
  const { drawn, look, shape, gain, turnGain, setChannels } = line;
  return (
    <>
      {look?.channels && shape && (shape[1] ?? 1) > 1 && (
        <>
          <RangeEntry label="Channels" range={look.channels} size={shape[1] ?? 1} onRange={setChannels} />
          <span class="lx-sep lx-opt" aria-hidden="true" />
        </>
      )}
      {drawn && look ? (
        <Window drawn={drawn} stretch={look.stretch} onStretch={line.jump} />
      ) : (
        <Unknown width={160} />
      )}
      {drawn && drawn.body.traces > 1 && (
        <>
          <span class="lx-sep lx-opt" aria-hidden="true" />
          <span class="lx-dim lx-opt">Gain</span>
          <IconButton icon="minus" label="Lower gain" onClick={() => turnGain(-1)} />
          <span class="lx-wide">{`${number(gain)} ${drawn.body.y.unit}`.trim()}</span>
          <IconButton icon="plus" label="Raise gain" onClick={() => turnGain(1)} />
        </>
      )}
    </>
  );
}

interface WindowProps {
  drawn: DrawnLine;
  stretch: Stretch;
  onStretch: (stretch: Stretch) => void;
}

/** Where the stretch begins, and how long it is. */
function Window({ drawn: { body, axis, step }, stretch, onStretch }: WindowProps) {
  const size = body.shape[0] ?? 0;
  const { unit } = body.x;
  const length = stretch.stop - stretch.start;
  const commit = (text: string) => {
    const start = axis.sample(Number(text.replaceAll(",", "").replace("\u2212", "-")));
    if (text.trim() === "" || !Number.isFinite(start)) return false;
    onStretch({ start, stop: start + length });
    return true;
  };
  const lengths = lengthChoices(size, step, unit);
  const current = Math.round(length);
  const options = [...new Set([...lengths, current])]
    .sort((one, other) => one - other)
    .map((samples) => ({
      value: String(samples),
      label: samples === size ? "All" : lengthWords(samples, step, unit),
    }));
  return (
    <>
      <span class="lx-dim lx-wide">Start</span>
      <Entry
        label={unit === "s" ? "Start in seconds" : "Start"}
        value={place(body, axis.at(stretch.start), length * step)}
        onCommit={commit}
        width={88}
        unit={unit}
      />
      <span class="lx-dim lx-wide">Show</span>
      <Select
        label="Window length"
        value={String(current)}
        options={options}
        onChange={(samples) => {
          // The middle stays.
          const start = stretch.start + (length - Number(samples)) / 2;
          onStretch({ start, stop: start + Number(samples) });
        }}
      />
    </>
  );
}
