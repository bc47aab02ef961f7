import { Field, Select } from "../../components/field.tsx";
import { Unknown } from "../../components/pieces.tsx";
import type { UploadPlan, UploadTargets } from "../../data/protocol.ts";
import { MODES } from "../../data/upload-words.ts";
import { ASK, dandisetOf, OTHER_ARCHIVE, type Wish, type Wishes } from "./use-plan.ts";

interface FormProps {
  list: UploadTargets | null;
  wishes: Wishes;
  plan: UploadPlan | null;
  wish: Wish;
  onEnter: () => void;
}

/** Archive, dandiset, name and kind of the file. */
export function UploadForm({ list, wishes, plan, wish, onEnter }: FormProps) {
  return (
    <div class="lx-upload-form">
      <span class="lx-dim lx-s">Archive</span>
      {list ? (
        <Select
          label="Archive"
          value={wishes.archive ?? list.archive}
          options={list.archives.map(({ name, key }) => ({
            value: name,
            label: key ? name : `${name} (no key)`,
          }))}
          onChange={(archive) => wish({ ...OTHER_ARCHIVE, archive })}
        />
      ) : (
        <Unknown width={120} />
      )}
      {(!list || list.dandisets.length > 0) && <InArchive {...{ list, wishes, plan, wish, onEnter }} />}
    </div>
  );
}

/** Of use only where there is a dandiset. */
function InArchive({ list, wishes, plan, wish, onEnter }: FormProps) {
  return (
    <>
      <span class="lx-dim lx-s">Dandiset</span>
      {list ? (
        <Select
          label="Dandiset"
          value={dandisetOf(list, wishes)}
          options={list.dandisets.map(({ identifier, title, embargoed }) => ({
            value: identifier,
            label: [identifier, title, embargoed ? "embargoed" : ""].filter(Boolean).join(" · "),
          }))}
          onChange={(dandiset) => wish({ dandiset, ...ASK })}
        />
      ) : (
        <Unknown width={160} />
      )}
      <span class="lx-dim lx-s">Name in the dandiset</span>
      <Field
        label="Name in the dandiset"
        mono
        value={(wishes.conflict === "rename" ? plan?.path : undefined) ?? wishes.path ?? plan?.path ?? ""}
        onInput={(path) => wish({ path, ...ASK })}
        onKeyDown={(event: KeyboardEvent) => event.key === "Enter" && onEnter()}
        data-autofocus
      />
      <span class="lx-dim lx-s">As</span>
      <Select label="As" value={wishes.mode} options={MODES} onChange={(mode) => wish({ mode, ...ASK })} />
    </>
  );
}
