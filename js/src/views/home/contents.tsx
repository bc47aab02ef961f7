import { bytes } from "../../data/format.ts";
import type { Contents, Item } from "../../data/protocol.ts";
import type { ViewContext } from "../../state/context.ts";
import { FitList } from "./fit-list.tsx";

/** What the file contains, one line a part, with links to the objects. */
export function ContentsTable({ ctx, contents }: { ctx: ViewContext; contents: readonly Contents[] }) {
  return (
    <section>
      <h4>Contents</h4>
      <table class="lx-home-contents" aria-label="Contents">
        <tbody>
          {contents.map((line) => (
            <tr key={line.label}>
              <th scope="row">{line.label}</th>
              <td>
                <FitList
                  items={line.items.map((item) => (
                    <Link key={item.path || item.name} ctx={ctx} item={item} />
                  ))}
                />
              </td>
              <td class="lx-num">{line.stored_bytes === null ? "" : bytes(line.stored_bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Link({ ctx, item }: { ctx: ViewContext; item: Item }) {
  const note = item.note === "" ? "" : ` (${item.note})`;
  return (
    <>
      {item.path === "" ? (
        item.name
      ) : (
        <button type="button" class="lx-link" data-tip={item.path} onClick={() => ctx.select(item.path)}>
          {item.name}
        </button>
      )}
      {note}
    </>
  );
}
