import { waitFor } from "@testing-library/preact";
import { afterEach, expect, test } from "vitest";
import { hears, type Mounted, mountMock, unmountAll } from "../../../dev/harness.ts";
import { failure } from "../../../dev/mock/failure.ts";

const NAME = "sub-M07_ses-20240312_ecephys.nwb.lindi.json";

afterEach(unmountAll);

async function openDialog(options: Parameters<typeof mountMock>[0] = {}): Promise<Mounted> {
  const mounted = mountMock({ selected: "/units", view: "attributes", ...options });
  const { page, user } = mounted;
  await page.findByRole("grid", { name: "Attributes" });
  await user.click(page.getByRole("button", { name: "Export…" }));
  await page.findByRole("dialog", { name: "Export" });
  return mounted;
}

test("names file and size before anything is written, and the result after", async () => {
  const { model, page, user } = await openDialog();
  const write = await page.findByRole("button", { name: "Export 418 kB" });
  expect((page.getByRole("textbox", { name: "File name" }) as HTMLInputElement).value).toBe(NAME);
  expect(model.requests("export")).toEqual([]);
  await user.click(write);
  await hears(page, `Wrote “${NAME}”, 418 kB, with 0 changes.`);
  expect(page.queryByRole("dialog")).toBeNull();
  expect(model.requests("export")[0]).toMatchObject({ filename: NAME, replace: false, local_paths: false });
});

test("an existing file is replaced only by a button that says so", async () => {
  const { model, page, user } = await openDialog({ existing: ["old.lindi.json"] });
  await page.findByRole("button", { name: "Export 418 kB" });
  const field = page.getByRole("textbox", { name: "File name" });
  await user.clear(field);
  await user.type(field, "old.lindi.json");
  const replace = await page.findByRole("button", { name: "Replace with 418 kB" });
  page.getByText("A file of this name exists.");
  await user.click(replace);
  await waitFor(() =>
    expect(model.requests("export")[0]).toMatchObject({ filename: "old.lindi.json", replace: true }),
  );
});

test("references to local files need an agreement of their own", async () => {
  const { model, page, user } = await openDialog({ localReferences: 3 });
  const write = await page.findByRole("button", { name: "Export 418 kB" });
  expect(write.hasAttribute("disabled")).toBe(true);
  await user.click(page.getByRole("checkbox", { name: /Write 3 references to files of this machine/ }));
  expect(write.hasAttribute("disabled")).toBe(false);
  await user.click(write);
  await waitFor(() => expect(model.requests("export")[0]).toMatchObject({ local_paths: true }));
});

test("a failure stays in the dialog, which can be used again", async () => {
  let fails = true;
  const { page, user } = await openDialog({
    fail: ({ op }) =>
      op === "export" && fails ? failure("transfer", "The disk is full", "Free some space.") : null,
  });
  await user.click(await page.findByRole("button", { name: "Export 418 kB" }));
  expect((await page.findByRole("alert")).textContent).toBe("The disk is full. Free some space.");
  fails = false;
  await user.click(page.getByRole("button", { name: "Export 418 kB" }));
  await hears(page, "Wrote “");
});

test("Esc closes it and gives the focus back", async () => {
  const { page, user } = await openDialog();
  await user.keyboard("{Escape}");
  expect(page.queryByRole("dialog")).toBeNull();
  expect(document.activeElement).toBe(page.getByRole("button", { name: "Export…" }));
});
