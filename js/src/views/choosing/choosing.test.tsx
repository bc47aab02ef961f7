import { waitFor } from "@testing-library/preact";
import { afterEach, expect, test } from "vitest";
import { hears, type Mounted, mountMock, mountView, unmountAll } from "../../../dev/harness.ts";
import { failure } from "../../../dev/mock/failure.ts";

const FILE = "sub-M07_ses-20240312_ecephys.nwb";
const PATH = `/sub-M07/${FILE}`;

afterEach(unmountAll);

async function list(options: Parameters<typeof mountMock>[0] = {}): Promise<Mounted> {
  const mounted = mountMock({ dandiset: true, ...options });
  await mounted.page.findByRole("treeitem", { name: "sub-M07" });
  return mounted;
}

async function pick({ page, user }: Mounted): Promise<void> {
  await user.dblClick(page.getByRole("treeitem", { name: "sub-M07" }));
  await user.click(await page.findByRole("treeitem", { name: FILE }));
  await page.findByRole("button", { name: "Open file" });
}

test("lists a dandiset, with sizes, and says what it is", async () => {
  const { page, model } = await list();
  page.getByText("Hippocampal ensembles during a two-armed bandit task");
  page.getByText("1,205");
  expect(page.getByRole("link", { name: "Page of the dandiset" }).getAttribute("href")).toMatch(/099912/);
  expect(page.getByRole("treeitem", { name: "sub-M07" }).getAttribute("aria-description")).toBe(
    "1 file · 137 GB",
  );
  expect(model.requests("home")).toEqual([]);
  expect(page.queryByRole("button", { name: "Export…" })).toBeNull();
});

test("a long folder is fetched in pages, and has no more rows on the page than can be seen", async () => {
  const { page, model } = await list();
  expect(model.requests("children").map(({ path, offset }) => [path, offset])).toEqual([["/", 0]]);
  expect(page.getAllByRole("treeitem").length).toBeLessThan(60);
  expect(page.getByRole("treeitem", { name: "sub-M07" }).getAttribute("aria-setsize")).toBe("1203");
});

test("a picked file is opened in the same explorer, and home leads back to where it was", async () => {
  const mounted = await list();
  const { page, user, model } = mounted;
  await pick(mounted);
  page.getByText(`${FILE}.lindi.json lies beside it and is opened in its place`);
  await user.click(page.getByRole("button", { name: "Open file" }));
  const back = await page.findByRole("button", { name: "Dandiset 099912" });
  expect(model.requests("choose")[0]).toMatchObject({ path: PATH, ready_made: true });
  page.getByRole("tree", { name: "sub-M07_ses-20240312_ecephys.nwb" });
  await hears(page, "Opened in");

  await user.click(back);
  const row = await page.findByRole("treeitem", { name: FILE });
  expect(row.getAttribute("aria-selected")).toBe("true");
  expect(page.queryByRole("button", { name: "Export…" })).toBeNull();
});

test("the file itself can be asked for where a LINDI file lies beside it", async () => {
  const mounted = await list();
  await pick(mounted);
  await mounted.user.click(mounted.page.getByRole("button", { name: "Open NWB itself" }));
  await waitFor(() => expect(mounted.model.requests("choose")[0]).toMatchObject({ ready_made: false }));
});

test("keys alone: search, down to the results, open", async () => {
  const { page, user, model } = await list();
  page.getByRole("tree").focus();
  await user.keyboard("/m08");
  await page.findByText("1 of 1,205 files");
  await user.keyboard("{ArrowDown}");
  await user.keyboard("{End}{Enter}{Enter}");
  await waitFor(() =>
    expect(model.requests("choose")[0]?.path).toBe("/sub-M08/sub-M08_ses-20240402_behavior+ophys.nwb"),
  );
});

test("a file that cannot be opened is a card beside the list, which still works", async () => {
  const mounted = await list();
  const { page, user } = mounted;
  await user.dblClick(page.getByRole("treeitem", { name: "dandiset.yaml" }));
  const alert = await page.findByRole("alert");
  expect(alert.textContent).toContain("dandiset.yaml is neither HDF5 nor LINDI");
  await pick(mounted);
  expect(page.queryByRole("alert")).toBeNull();
});

test("a dandiset that cannot be seen is a card as any other failure", async () => {
  const { page } = mountMock({
    dandiset: true,
    fail: ({ op }) =>
      op === "open"
        ? failure("denied", "dandi shows dandiset 099912 to its owners only", "Set DANDI_API_KEY.")
        : null,
  });
  const alert = await page.findByRole("alert");
  expect(alert.textContent).toContain("Set DANDI_API_KEY.");
});

test("all views go along, and what was known of one file is not shown for the next", async () => {
  const first = await list();
  const second = mountView(first.model);
  await second.page.findByRole("treeitem", { name: "sub-M07" });
  await pick(first);
  await first.user.click(first.page.getByRole("button", { name: "Open file" }));
  await second.page.findByRole("button", { name: "Dandiset 099912" });
  await second.user.click(await second.page.findByRole("treeitem", { name: "units" }));
  await second.user.click(second.page.getByRole("button", { name: /^Back/ }));
  await second.page.findByRole("button", { name: "Dandiset 099912" });
  await second.user.click(await first.page.findByRole("button", { name: "Dandiset 099912" }));
  // The way back is open: what was chosen is in sight, in every view.
  await second.user.click(await second.page.findByRole("treeitem", { name: FILE }));
  await second.user.click(second.page.getByRole("button", { name: "Open file" }));
  await second.page.findByRole("button", { name: "Dandiset 099912" });
  expect(second.page.getByRole("button", { name: /^Forward/ }).hasAttribute("disabled")).toBe(true);
});

test("why a file was not opened is not said of another one", async () => {
  const mounted = await list({ delay: ({ op }) => (op === "choose" ? 400 : 0) });
  const { page, user } = mounted;
  await user.dblClick(page.getByRole("treeitem", { name: "dandiset.yaml" }));
  await user.click(page.getByRole("treeitem", { name: "sub-M07" }));
  await hears(page, "“dandiset.yaml” was not opened");
  expect(page.queryByRole("alert")).toBeNull();
  await user.click(page.getByRole("treeitem", { name: "dandiset.yaml" }));
  expect((await page.findByRole("alert")).textContent).toContain("neither HDF5 nor LINDI");
});

test("the list is asked for anew on the way back: something may have been uploaded", async () => {
  const mounted = await list();
  const { page, user, model } = mounted;
  await pick(mounted);
  await user.click(page.getByRole("button", { name: "Open file" }));
  const back = await page.findByRole("button", { name: "Dandiset 099912" });
  page.getByText("DANDI 099912", { selector: ".lx-home-back *" });
  const before = model.requests("children").length;
  await user.click(back);
  await page.findByRole("treeitem", { name: FILE });
  const asked = model.requests("children").slice(before);
  expect(asked.map(({ path }) => path)).toEqual(["/", "/sub-M07"]);
});
