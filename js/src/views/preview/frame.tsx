// What all previews share: toolbar, content or what stands in its place, the line that says what was read, footer.
import type { ComponentChildren, RefObject } from "preact";
import { Button } from "../../components/button.tsx";
import { FailureCard } from "../../components/failure-card.tsx";
import { CostLine, Empty, Footer, ProgressBar } from "../../components/pieces.tsx";
import { progressWords } from "../../data/cost.ts";
import type { Picture } from "./use-picture.ts";

interface FrameProps<T> {
  /** Changes the kind of preview; usable in every state. */
  switcher: ComponentChildren;
  tools?: ComponentChildren;
  /** Back to the part the view begins with; null while it is there. */
  onRestart?: (() => void) | null;
  picture: Picture<T>;
  /** Stands for the content until the first picture. */
  skeleton: ComponentChildren;
  /** Stands for the content where a read was refused. */
  refusal: ComponentChildren;
  /** The content. */
  children: ComponentChildren;
  contentRef: RefObject<HTMLDivElement | null>;
  /** Between content and cost, e.g. sliders. */
  below?: ComponentChildren;
  /** What was read, "" until then; left out where reading costs nothing worth saying. */
  cost?: string;
  /** Labelled values of the footer; left out = no footer. */
  facts?: readonly (readonly [label: string, value: string | null])[];
  exports?: ComponentChildren;
}

export function Frame<T>({
  switcher,
  tools,
  onRestart = null,
  picture,
  skeleton,
  refusal,
  children,
  contentRef,
  below,
  cost,
  facts,
  exports,
}: FrameProps<T>) {
  const content = () => {
    if (picture.error) {
      return (
        <FailureCard error={picture.error} onRetry={picture.retry} works="Tree and other tabs still work.">
          {onRestart && <Button onClick={onRestart}>Show the beginning</Button>}
        </FailureCard>
      );
    }
    if (picture.refused) return refusal;
    if (picture.empty !== null) return <Empty words={picture.empty} />;
    if (picture.shown) return children;
    return stopped(picture) ? (
      <Empty words="The read was cancelled.">
        <Button onClick={picture.retry}>Read again</Button>
      </Empty>
    ) : (
      skeleton
    );
  };
  // A failure needs the room, and there is nothing to say about a picture that is not there.
  const failed = picture.error !== null;
  const usable = failed ? null : tools;
  return (
    <section class="lx-panel lx-preview" aria-label="Preview" aria-busy={picture.busy}>
      {(switcher || usable) && (
        <div class="lx-tools">
          {switcher}
          {usable}
        </div>
      )}
      <div class="lx-preview-content" ref={contentRef}>
        {content()}
      </div>
      {!failed && below}
      {!failed && cost !== undefined && <ReadLine picture={picture} cost={cost} />}
      {!failed && facts && <Footer facts={facts}>{exports}</Footer>}
    </section>
  );
}

/** What is being read with a way to stop it, or what was read. */
function ReadLine<T>({ picture, cost }: { picture: Picture<T>; cost: string }) {
  if (!picture.busy || !(picture.slow || picture.long)) {
    return <CostLine words={picture.refused ? "Nothing was read." : cost} />;
  }
  const { progress } = picture;
  return (
    <CostLine words={progress ? progressWords(progress) : "Reading. The view fills by itself."}>
      {progress && <ProgressBar label="Reading" done={progress.done} total={progress.total} />}
      {picture.long && <Button onClick={picture.cancel}>Cancel read</Button>}
    </CostLine>
  );
}

/** Nothing is there and nothing is coming. */
function stopped<T>(picture: Picture<T>): boolean {
  return !(picture.busy || picture.shown || picture.error || picture.refused);
}
