// The card of the whole file: session, file, what is in it, and when which object has data.
import { Button } from "../../components/button.tsx";
import { FailureCard } from "../../components/failure-card.tsx";
import { Unknown } from "../../components/pieces.tsx";
import type { Fact, Home, NodeCard, Opened } from "../../data/protocol.ts";
import type { ViewContext } from "../../state/context.ts";
import { useReply } from "../../state/use-reply.ts";
import { ContentsTable } from "./contents.tsx";
import "./home.css";
import { TimeAlignment } from "./time-alignment.tsx";

interface HomeProps {
  ctx: ViewContext;
  card: NodeCard;
  /** To the list of files that this one was chosen from. */
  onBack: () => void;
}

export function HomePanel({ ctx, card, onBack }: HomeProps) {
  // An edit may change any of the facts; each has the card of the root fetched anew.
  const { reply, error, busy, retry } = useReply(ctx, { op: "home" }, [card]);
  if (error && !reply) return <FailureCard error={error} onRetry={retry} works="The tree still works." />;
  return (
    <section class="lx-panel lx-home" aria-label="Overview" aria-busy={busy}>
      <WayBack opened={ctx.opened.value} onBack={onBack} />
      {reply ? <Card ctx={ctx} home={reply.body} /> : <Skeleton />}
    </section>
  );
}

/** To the list of files, with the place that the file is from: archive, dandiset and version. */
function WayBack({ opened, onBack }: { opened: Opened | null; onBack: () => void }) {
  if (!opened?.dandiset) return null;
  const { dandiset, source, embargoed } = opened;
  return (
    <div class="lx-buttons lx-home-back">
      <Button icon="back" tip="To its list of files" onClick={onBack}>
        {dandiset}
      </Button>
      <span class="lx-dim lx-cut">{embargoed ? `${source}, embargoed` : source}</span>
    </div>
  );
}

function Card({ ctx, home }: { ctx: ViewContext; home: Home }) {
  return (
    <>
      <div class="lx-home-facts">
        {home.session.length > 0 && <Facts ctx={ctx} title="Session" facts={home.session} />}
        <Facts ctx={ctx} title="File" facts={home.file} />
      </div>
      {home.contents.length > 0 && <ContentsTable ctx={ctx} contents={home.contents} />}
      {home.timeline.length > 0 && <TimeAlignment ctx={ctx} bars={home.timeline} />}
    </>
  );
}

function Facts({ ctx, title, facts }: { ctx: ViewContext; title: string; facts: readonly Fact[] }) {
  return (
    <section aria-label={title}>
      <h4>{title}</h4>
      <dl class="lx-kv">
        {facts.map((fact) => (
          <FactLine key={fact.label} ctx={ctx} fact={fact} />
        ))}
      </dl>
    </section>
  );
}

function FactLine({ ctx, fact }: { ctx: ViewContext; fact: Fact }) {
  return (
    <>
      <dt>{fact.label}</dt>
      <dd class="lx-cut" data-tip={fact.text}>
        {fact.path === "" ? (
          fact.text
        ) : (
          <button type="button" class="lx-link" onClick={() => ctx.select(fact.path)}>
            {fact.text}
          </button>
        )}
      </dd>
    </>
  );
}

/** The headings are real from the first frame, the facts are bars. */
function Skeleton() {
  return (
    <div class="lx-home-facts">
      {["Session", "File"].map((title) => (
        <section key={title}>
          <h4>{title}</h4>
          {[160, 200, 96, 144].map((width) => (
            <div key={width}>
              <Unknown width={width} />
            </div>
          ))}
        </section>
      ))}
    </div>
  );
}
