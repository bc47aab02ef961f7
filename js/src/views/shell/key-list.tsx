import { Dialog } from "../../components/dialog.tsx";
import { KEY_LIST } from "./keys.ts";

/** The list of keys. */
export function KeyList({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys" width={640} onClose={onClose}>
      <div class="lx-keys">
        {KEY_LIST.map(({ title, keys }) => (
          <section key={title}>
            <h4>{title}</h4>
            <dl class="lx-kv lx-s">
              {keys.map(([key, does]) => (
                <>
                  <dt class="lx-mono">{key}</dt>
                  <dd>{does}</dd>
                </>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
