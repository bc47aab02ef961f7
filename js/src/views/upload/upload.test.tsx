import { waitFor, within } from "@testing-library/preact";
import { afterEach, expect, test, vi } from "vitest";
import { hears, type Mounted, mountMock, mountView, unmountAll } from "../../../dev/harness.ts";
import { failure } from "../../../dev/mock/failure.ts";
import type { UploadedAsset, UploadState } from "../../data/protocol.ts";

const PATH = "sub-M07/sub-M07_ses-20240312_ecephys.nwb.lindi.json";
const DONE: UploadedAsset = {
  url: "https://api.sandbox.dandiarchive.example/api/assets/3b7d91c0/download/",
  web_page: "https://sandbox.dandiarchive.example/dandiset/208811/draft/files?location=sub-M07",
  neurosift: "https://neurosift.example/nwb?url=x",
  bytes: 418_000,
  sent: 419_600,
  status: "Valid",
  errors: [],
  orphans: [],
};

afterEach(unmountAll);

async function openDialog(options: Parameters<typeof mountMock>[0] = {}): Promise<Mounted> {
  const mounted = mountMock({ selected: "/units", view: "attributes", ...options });
  const { page, user } = mounted;
  await page.findByRole("grid", { name: "Attributes" });
  await user.click(page.getByRole("button", { name: "Upload…" }));
  await page.findByRole("dialog", { name: "Upload to DANDI" });
  return mounted;
}

/** Python says how far it is. */
function tell({ model }: Mounted, change: Partial<UploadState>): void {
  model.say(model.session.upload.at(change));
}

test("everything is looked at before anything is sent, and one press begins", async () => {
  const { model, page, user } = await openDialog();
  const send = await page.findByRole("button", { name: "Upload 420 kB" });
  page.getByText("Nothing has been sent yet.");
  const checks = page.getByRole("list", { name: "Checks" });
  expect(checks.textContent).toContain("warning: Durability");
  expect((page.getByRole("textbox", { name: "Name in the dandiset" }) as HTMLInputElement).value).toBe(PATH);
  expect(model.requests("upload")).toEqual([]);
  await user.click(send);
  await page.findByRole("dialog", { name: "Uploading to dandi-sandbox 208811" });
  expect(model.requests("upload")[0]).toMatchObject({
    archive: "dandi-sandbox",
    dandiset: "208811",
    path: "",
    mode: "auto",
    conflict: "ask",
    production: false,
  });
});

test("what is in the way is said with its reason, and nothing can be sent", async () => {
  const { page } = await openDialog({ uploadBlocked: "carol is not an owner of dandiset 208811" });
  await page.findByText("carol is not an owner of dandiset 208811");
  expect(page.getByRole("button", { name: "Upload 420 kB" }).hasAttribute("disabled")).toBe(true);
});

test("a file of this name is replaced, or left, or the upload gets another name", async () => {
  const { model, page, user } = await openDialog({ uploadExists: true });
  const alert = await page.findByRole("alert");
  expect(alert.textContent).toContain("There is a file of this name.");
  expect(page.getByRole("button", { name: "Upload 420 kB" }).hasAttribute("disabled")).toBe(true);
  page.getByRole("button", { name: "Keep it" });
  await user.click(page.getByRole("button", { name: "Use another name" }));
  await waitFor(() =>
    expect((page.getByRole("textbox", { name: "Name in the dandiset" }) as HTMLInputElement).value).toContain(
      "-2.nwb",
    ),
  );
  await user.click(await page.findByRole("button", { name: "Upload 420 kB" }));
  await waitFor(() => expect(model.requests("upload")[0]).toMatchObject({ conflict: "rename" }));
});

test("replacing says so on its button", async () => {
  const { model, page, user } = await openDialog({ uploadExists: true });
  await user.click(await page.findByRole("button", { name: "Replace it" }));
  await user.click(await page.findByRole("button", { name: "Replace with 420 kB" }));
  await waitFor(() => expect(model.requests("upload")[0]).toMatchObject({ conflict: "replace" }));
});

test("an archive for publications wants a yes of its own", async () => {
  const { model, page, user } = await openDialog();
  await page.findByRole("button", { name: "Upload 420 kB" });
  await user.selectOptions(page.getByRole("combobox", { name: "Archive" }), "dandi");
  const yes = await page.findByRole("checkbox", { name: /Yes, upload to dandi, not to a sandbox/ });
  const send = page.getByRole("button", { name: "Upload 420 kB" });
  expect(send.hasAttribute("disabled")).toBe(true);
  await user.click(yes);
  await user.click(send);
  await waitFor(() =>
    expect(model.requests("upload")[0]).toMatchObject({ archive: "dandi", production: true }),
  );
});

test("the yes is for one archive only", async () => {
  const { page, user } = await openDialog();
  await page.findByRole("button", { name: "Upload 420 kB" });
  const archives = page.getByRole("combobox", { name: "Archive" });
  await user.selectOptions(archives, "dandi");
  await user.click(await page.findByRole("checkbox"));
  await user.selectOptions(archives, "dandi-sandbox");
  await user.selectOptions(archives, "dandi");
  expect(((await page.findByRole("checkbox")) as HTMLInputElement).checked).toBe(false);
});

test("without a key it says how to set one, and has no field for it", async () => {
  const { page, host } = await openDialog({ uploadKeyless: true });
  const alert = await page.findByRole("alert");
  expect(alert.textContent).toContain("Set DANDI_SANDBOX_API_KEY");
  expect(alert.textContent).toContain("No key is typed here");
  expect(host.querySelector('input[type="password"]')).toBeNull();
  expect(page.getByRole("button", { name: "Upload" }).hasAttribute("disabled")).toBe(true);
});

test("another name and kind are looked at anew", async () => {
  const { model, page, user } = await openDialog();
  await page.findByRole("button", { name: "Upload 420 kB" });
  const name = page.getByRole("textbox", { name: "Name in the dandiset" });
  await user.clear(name);
  await user.type(name, "mine.nwb.lindi.json");
  await user.selectOptions(page.getByRole("combobox", { name: "As" }), "tar");
  await waitFor(() =>
    expect(model.requests("upload_plan").at(-1)).toMatchObject({ path: "mine.nwb.lindi.json", mode: "tar" }),
  );
  await page.findByRole("button", { name: "Upload 420 kB" });
});

test("it is told how far it is, and goes on when the dialog is closed", async () => {
  const mounted = await openDialog();
  const { page, user } = mounted;
  await user.click(await page.findByRole("button", { name: "Upload 420 kB" }));
  await page.findByRole("dialog", { name: "Uploading to dandi-sandbox 208811" });
  tell(mounted, { step: 4, label: "Sending the new data", done: 12e6, total: 40e6, rate: 4e6 });
  await page.findByText("Step 4 of 9: sending the new data");
  page.getByText("12 MB of 40 MB · 4 MB/s · about 7 s left");
  expect(page.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("30");
  const steps = within(page.getByRole("list", { name: "Steps" })).getAllByRole("listitem");
  expect(steps[2]?.textContent).toContain("done");
  expect(steps[3]?.getAttribute("aria-current")).toBe("step");

  await user.click(page.getByRole("button", { name: "Continue in the background" }));
  expect(page.queryByRole("dialog")).toBeNull();
  await hears(page, "Uploading, step 4 of 9");
  await user.click(page.getByRole("button", { name: "Show upload" }));
  await page.findByRole("dialog", { name: "Uploading to dandi-sandbox 208811" });
  await user.click(page.getByRole("button", { name: "Continue in the background" }));
  tell(mounted, { state: "done", uploaded: DONE });
  await hears(page, "Uploaded to dandi-sandbox 208811.");
});

test("a view that comes later is told too", async () => {
  const first = await openDialog();
  await first.user.click(await first.page.findByRole("button", { name: "Upload 420 kB" }));
  tell(first, { step: 7, label: "Sending the document", done: 1, total: 1 });
  const second = mountView(first.model);
  await hears(second.page, "Uploading, step 7 of 9");
});

test("ends with the address, to be copied, and the pages that show it", async () => {
  const mounted = await openDialog();
  const { page, user } = mounted;
  const write = vi.spyOn(navigator.clipboard, "writeText");
  await user.click(await page.findByRole("button", { name: "Upload 420 kB" }));
  tell(mounted, { state: "done", uploaded: DONE });
  await page.findByRole("dialog", { name: "Uploaded to dandi-sandbox 208811" });
  page.getByText(/^Valid/);
  const links = page.getAllByRole("link").map((link: HTMLElement) => link.getAttribute("href"));
  expect(links).toEqual([DONE.web_page, DONE.neurosift]);
  expect((page.getByRole("textbox", { name: "Address of the file" }) as HTMLInputElement).value).toBe(
    DONE.url,
  );
  // The button has the focus.
  await user.keyboard("{Enter}");
  await waitFor(() => expect(write).toHaveBeenCalledWith(DONE.url));
});

test("what the archive complains about and what is left over are listed", async () => {
  const mounted = await openDialog();
  const { page } = mounted;
  tell(mounted, {
    state: "done",
    archive: "dandi-sandbox",
    uploaded: {
      ...DONE,
      status: "Invalid",
      errors: ["encodingFormat: is required"],
      orphans: ["lindi_blobs/ab/abc"],
    },
  });
  await page.findByText(/^Invalid/);
  page.getByText("encodingFormat: is required");
  page.getByText("1 file of an earlier upload is not needed");
});

test("a failure says what happened and what to do, and Retry goes on with the same", async () => {
  const mounted = await openDialog({ uploadExists: true });
  const { model, page, user } = mounted;
  await user.click(await page.findByRole("button", { name: "Replace it" }));
  await user.click(await page.findByRole("button", { name: "Replace with 420 kB" }));
  await page.findByRole("dialog", { name: /^Uploading/ });
  tell(mounted, {
    state: "failed",
    code: "transfer",
    problem: "dandi-sandbox is busy: 503, retry 6 of 6",
    hint: "Try again in a minute.",
  });
  const alert = await page.findByRole("alert");
  expect(alert.textContent).toContain("dandi-sandbox is busy");
  expect(alert.textContent).toContain("Try again in a minute.");
  await user.click(page.getByRole("button", { name: "Retry" }));
  await waitFor(() => expect(model.requests("upload")).toHaveLength(2));
  expect(model.requests("upload")[1]).toMatchObject({ dandiset: "208811", conflict: "replace" });
});

test("where another file is in the way, trying the same again is not offered", async () => {
  const mounted = await openDialog();
  const { page } = mounted;
  tell(mounted, {
    state: "failed",
    code: "asset-changed",
    problem: "a.nwb has changed on dandi-sandbox",
    hint: "Reload it.",
  });
  expect((await page.findByRole("alert")).textContent).toContain("a.nwb has changed");
  expect(page.queryByRole("button", { name: "Retry" })).toBeNull();
  page.getByRole("button", { name: "Change…" });
});

test("after another edit, Upload… is about the next upload", async () => {
  const mounted = await openDialog();
  const { model, page, user } = mounted;
  tell(mounted, { state: "done", archive: "dandi-sandbox", dandiset: "208811", uploaded: DONE });
  await page.findByRole("dialog", { name: "Uploaded to dandi-sandbox 208811" });
  await user.click(page.getAllByRole("button", { name: "Close" }).at(-1) as HTMLElement);
  model.send({ op: "set_value", id: "t:1", path: "/general/subject/age", text: "P10D" });
  await hears(page, "Set value");
  await user.click(page.getByRole("button", { name: "Upload…" }));
  await page.findByRole("button", { name: "Upload 420 kB" });
});

test("Cancel upload stops it, and another can be prepared", async () => {
  const { model, page, user } = await openDialog();
  await user.click(await page.findByRole("button", { name: "Upload 420 kB" }));
  await user.click(await page.findByRole("button", { name: "Cancel upload" }));
  await page.findByText("The upload was cancelled");
  expect(model.requests("cancel_upload")).toHaveLength(1);
  await user.click(page.getByRole("button", { name: "Change…" }));
  await page.findByRole("button", { name: "Upload 420 kB" });
});

test("what cannot be begun is said in the dialog", async () => {
  const { page, user } = await openDialog({
    fail: ({ op }) =>
      op === "upload"
        ? failure("in-use", "an upload of this file is running", "Wait for it, or cancel it.")
        : null,
  });
  await user.click(await page.findByRole("button", { name: "Upload 420 kB" }));
  expect((await page.findByRole("alert")).textContent).toContain("Wait for it, or cancel it.");
});
