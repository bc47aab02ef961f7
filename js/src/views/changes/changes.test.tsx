import { waitFor, within } from "@testing-library/preact";
import { afterEach, expect, test } from "vitest";
import { type Mounted, mountMock, unmountAll } from "../../../dev/harness.ts";

const DATA = "/acquisition/ElectricalSeriesLFP/data";

afterEach(unmountAll);

/** The list of changes after attributes have been set. */
async function openChanges(names: string[]): Promise<Mounted & { list: () => HTMLElement }> {
  const mounted = mountMock({ selected: DATA, view: "attributes" });
  const { model, page, user } = mounted;
  await page.findByRole("grid", { name: "Attributes" });
  for (const name of names)
    model.send({ op: "set_attribute", id: `test:${name}`, path: DATA, name, text: `new ${name}` });
  await user.click(await page.findByRole("button", { name: /^\d+ changes?$/ }));
  await page.findByRole("list", { name: "Changes" });
  return { ...mounted, list: () => page.getByRole("list", { name: "Changes" }) };
}

const texts = (list: HTMLElement) =>
  within(list)
    .getAllByRole("listitem")
    .map((item) => item.textContent);

test("old and new stand side by side, in words too", async () => {
  const { page, list, model } = await openChanges(["unit", "note"]);
  expect(model.get("view")).toBe("changes");
  page.getByText("2 changes");
  page.getByText("against DANDI 099912");
  expect(texts(list())[0]).toContain('old: − "mV"');
  expect(texts(list())[0]).toContain('new: + "new unit"');
  expect(texts(list())[1]).toContain("old: not present");
});

test("the tree lists changed objects and their parents only", async () => {
  const { page } = await openChanges(["unit"]);
  const tree = page.getByRole("tree", { name: "Changed objects" });
  expect(
    within(tree)
      .getAllByRole("treeitem")
      .map((row) => row.getAttribute("aria-label")),
  ).toEqual(["/", "acquisition", "ElectricalSeriesLFP", "data, edited, error"]);
});

test("a click on a change goes to its node; the whole tree is one button away", async () => {
  const { model, page, user, list } = await openChanges(["unit"]);
  await user.click(page.getByRole("button", { name: "Whole tree" }));
  expect(model.get("view")).toBe("attributes");
  await user.click(page.getByRole("button", { name: "1 change" }));
  await page.findByRole("list", { name: "Changes" });
  await user.click(within(list()).getByRole("button", { name: "unit" }));
  expect(model.get("selected")).toBe(DATA);
  await page.findByRole("button", { name: "unit: new unit" });
});

test("one change is reverted alone, and the list follows", async () => {
  const { page, user, list } = await openChanges(["unit", "note"]);
  await user.click(within(list()).getByRole("button", { name: "Revert unit" }));
  await waitFor(() => expect(texts(list())).toHaveLength(1));
  expect(texts(list())[0]).toContain("note");
  await user.click(page.getByRole("button", { name: "Undo: revert unit" }));
  await waitFor(() => expect(texts(list())).toHaveLength(2));
});

test("a few changes are reverted at once without a question", async () => {
  const { model, page, user } = await openChanges(["unit", "note"]);
  await user.click(page.getByRole("button", { name: "Revert all" }));
  await page.findByText("Nothing has been changed.");
  expect(model.requests("revert")[0]?.changes).toEqual([]);
});

test("more than five changes are reverted only after a question", async () => {
  const { model, page, user } = await openChanges(["a", "b", "c", "d", "e", "f"]);
  await user.click(page.getByRole("button", { name: "Revert all" }));
  expect(model.requests("revert")).toEqual([]);
  await user.click(page.getByRole("button", { name: "Keep them" }));
  await user.click(page.getByRole("button", { name: "Revert all" }));
  await user.click(page.getByRole("button", { name: "Revert 6 changes" }));
  await page.findByText("Nothing has been changed.");
});
