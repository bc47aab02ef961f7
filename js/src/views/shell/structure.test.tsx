import { waitFor } from "@testing-library/preact";
import { afterEach, expect, test } from "vitest";
import { hears, mountMock, said, unmountAll } from "../../../dev/harness.ts";

const AP = "/acquisition/ElectricalSeriesAP";

afterEach(unmountAll);

async function lookAt(selected: string) {
  const mounted = mountMock({ selected, view: "attributes" });
  await mounted.page.findByRole("grid", { name: "Attributes" });
  const row = (name: string | RegExp) => mounted.page.queryByRole("treeitem", { name });
  return { ...mounted, row };
}

test("where the selected object has gone, what it was in takes its place", async () => {
  const { model, page, row } = await lookAt(`${AP}/data`);
  await waitFor(() => expect(row("ElectricalSeriesAP")).not.toBeNull());
  model.say(model.session.remove(AP));
  await waitFor(() => expect(model.get("selected")).toBe("/acquisition"));
  expect(row("ElectricalSeriesAP")).toBeNull();
  expect(row("data")).toBeNull();
  expect(page.queryByRole("alert")).toBeNull();
  await hears(page, "Delete ElectricalSeriesAP");
  expect(model.get("view")).toBe("attributes");
});

test("an open group that has gone is no failure to open it", async () => {
  const { model, page, row } = await lookAt("/units");
  model.set("selected", `${AP}/data`);
  await waitFor(() => expect(row("ElectricalSeriesAP")).not.toBeNull());
  model.set("selected", "/units");
  model.say(model.session.remove(AP));
  await waitFor(() => expect(row("ElectricalSeriesAP")).toBeNull());
  expect(said(page)).not.toContain("was not opened");
  expect(model.get("selected")).toBe("/units");
});

test("a selected object that was moved stays selected, and the way back leads there", async () => {
  const { model, page, user, row } = await lookAt(`${AP}/data`);
  await waitFor(() => expect(row("data")).not.toBeNull());
  model.set("selected", "/units");
  await waitFor(() => expect(row("units")?.getAttribute("aria-selected")).toBe("true"));
  model.say(model.session.move(AP, "/acquisition/moved"));
  await waitFor(() => expect(row("moved")).not.toBeNull());
  await user.click(page.getByRole("button", { name: /^Back/ }));
  expect(model.get("selected")).toBe("/acquisition/moved/data");
  await page.findByRole("grid", { name: "Attributes" });
  model.say(model.session.move("/acquisition/moved", "/general/moved"));
  await waitFor(() => expect(model.get("selected")).toBe("/general/moved/data"));
  await waitFor(() => expect(row("data")?.getAttribute("aria-selected")).toBe("true"));
  expect(page.queryByRole("alert")).toBeNull();
});

test("a change of an object that was removed leads to what it was in", async () => {
  const { model, page, user } = await lookAt("/units");
  const { nodes } = model.session;
  const gone = nodes.get(AP)?.row;
  const root = nodes.get("/")?.row;
  if (!gone || !root) throw new Error("the mock file has changed");
  model.say(model.session.remove(AP));
  const answer = model.session.answer.bind(model.session);
  model.session.answer = (request) => {
    if (request.op !== "changes") return answer(request);
    const change = { id: 1, mark: "D" as const, path: AP, name: "", type: "", revertible: true };
    return {
      body: {
        type: "changes",
        id: "",
        source: "x",
        changes: [{ ...change, old: "group with 3 objects", new: null }],
        rows: [root, ...[nodes.get("/acquisition")?.row ?? root], { ...gone, children: 0, mark: "D" }],
      },
      buffers: [],
    };
  };
  model.set("view", "changes");
  const item = await page.findByRole("listitem");
  expect(item.textContent).toContain("group with 3 objects");
  expect(item.textContent).toContain("deleted");
  page.getByRole("treeitem", { name: "ElectricalSeriesAP, deleted" });
  await user.click(page.getByRole("button", { name: "ElectricalSeriesAP" }));
  expect(model.get("selected")).toBe("/acquisition");
  expect(page.queryByRole("alert")).toBeNull();
});
