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

/** An edit that Python code makes, and what is told of it. */
function edit({ model }: Mounted, text: string): void {
  model.send({ op: "set_value", id: `t:${text}`, path: "/general/subject/age", text });
}

async function sendIt(mounted: Mounted): Promise<void> {
  const { page, user } = mounted;
  await user.click(await page.findByRole("button", { name: "Upload 420 kB" }));
  await page.findByRole("dialog", { name: /^Uploading/ });
}

test("only the file that was seen is agreed to be replaced, also by Retry", async () => {
  const mounted = await openDialog({ uploadExists: true });
  const { model, page, user } = mounted;
  await user.click(await page.findByRole("button", { name: "Replace it" }));
  await waitFor(() =>
    expect(model.requests("upload_plan").at(-1)).toMatchObject({ conflict: "replace", replaces: "asset-1" }),
  );
  await waitFor(() =>
    expect(page.getByRole("button", { name: "Replace with 420 kB" }).hasAttribute("disabled")).toBe(false),
  );
  // A colleague puts another one there.
  model.session.upload.there = "asset-2";
  edit(mounted, "P10D");
  await user.click(await page.findByRole("button", { name: "Replace it" }));
  await waitFor(() =>
    expect(page.getByRole("button", { name: "Replace with 420 kB" }).hasAttribute("disabled")).toBe(false),
  );
  await user.click(page.getByRole("button", { name: "Replace with 420 kB" }));
  await waitFor(() => expect(model.requests("upload")[0]).toMatchObject({ replaces: "asset-2" }));
  tell(mounted, { state: "failed", code: "transfer", problem: "busy" });
  await user.click(await page.findByRole("button", { name: "Retry" }));
  await waitFor(() => expect(model.requests("upload")[1]).toMatchObject({ replaces: "asset-2" }));
});

test("what was agreed to be replaced is not meant where the file goes as another one", async () => {
  const { model, page, user } = await openDialog({ uploadExists: true });
  await user.click(await page.findByRole("button", { name: "Replace it" }));
  await waitFor(() => expect(model.requests("upload_plan").at(-1)).toMatchObject({ replaces: "asset-1" }));
  await user.selectOptions(page.getByRole("combobox", { name: "As" }), "tar");
  await waitFor(() =>
    expect(model.requests("upload_plan").at(-1)).toMatchObject({
      mode: "tar",
      conflict: "ask",
      replaces: "",
    }),
  );
});

test("what came of an upload can be seen, whatever was edited meanwhile", async () => {
  const mounted = await openDialog();
  const { page, user } = mounted;
  await sendIt(mounted);
  await user.click(page.getByRole("button", { name: "Continue in the background" }));
  edit(mounted, "P10D");
  // It stays behind what goes on.
  await waitFor(() => expect(mounted.model.requests("set_value")).toHaveLength(1));
  tell(mounted, { state: "done", uploaded: DONE, edited: true });
  await hears(page, "Uploaded to dandi-sandbox 208811.");
  edit(mounted, "P11D");
  mounted.model.set("selected", "/general/subject/age");
  await user.click(await page.findByRole("button", { name: "Show upload" }));
  await page.findByRole("dialog", { name: "Uploaded to dandi-sandbox 208811" });
  page.getByText("Edited since.");
  await user.click(page.getAllByRole("button", { name: "Close" }).at(-1) as HTMLElement);
  await waitFor(() => expect(page.queryByRole("button", { name: "Show upload" })).toBeNull());
});

test("an upload that a cell begins after an edit is seen too", async () => {
  const mounted = await openDialog();
  const { page, user } = mounted;
  tell(mounted, { state: "done", archive: "dandi-sandbox", dandiset: "208811", uploaded: DONE });
  await page.findByRole("dialog", { name: "Uploaded to dandi-sandbox 208811" });
  edit(mounted, "P10D");
  await page.findByRole("dialog", { name: "Upload to DANDI" });
  tell(mounted, { state: "running", dandiset: "208900", uploaded: null });
  await page.findByRole("dialog", { name: "Uploading to dandi-sandbox 208900" });
  tell(mounted, { state: "failed", code: "transfer", problem: "busy" });
  await page.findByRole("button", { name: "Retry" });
  await user.keyboard("{Escape}");
  await user.click(page.getByRole("button", { name: "Upload…" }));
  await page.findByRole("button", { name: "Retry" });
});

test("a view that comes after a later edit is not told that this was uploaded", async () => {
  const first = await openDialog();
  const { model } = first;
  first.unmount();
  model.session.upload.at({
    state: "done",
    archive: "dandi-sandbox",
    dandiset: "208811",
    uploaded: DONE,
    edited: true,
  });
  const { page, user } = mountView(model);
  await page.findByRole("grid", { name: "Attributes" });
  await user.click(await page.findByRole("button", { name: "Show upload" }));
  await page.findByText("Edited since.");
});

test("Change… and Upload again… begin with what was wished for", async () => {
  const mounted = await openDialog({ uploadExists: true });
  const { model, page, user } = mounted;
  await page.findByRole("alert");
  await user.selectOptions(page.getByRole("combobox", { name: "Dandiset" }), "208900");
  const name = page.getByRole("textbox", { name: "Name in the dandiset" });
  await user.clear(name);
  await user.type(name, "mine.lindi.tar");
  await user.selectOptions(page.getByRole("combobox", { name: "As" }), "tar");
  await sendIt(mounted);
  tell(mounted, { state: "failed", code: "transfer", problem: "busy" });
  await user.click(await page.findByRole("button", { name: "Change…" }));
  await page.findByRole("button", { name: "Upload 420 kB" });
  expect(model.requests("upload_plan").at(-1)).toMatchObject({
    archive: "dandi-sandbox",
    dandiset: "208900",
    path: "mine.lindi.tar",
    mode: "tar",
    conflict: "ask",
    replaces: "",
  });
  const value = (role: string, label: string) =>
    (page.getByRole(role, { name: label }) as HTMLInputElement).value;
  expect(value("textbox", "Name in the dandiset")).toBe("mine.lindi.tar");
  expect(value("combobox", "Dandiset")).toBe("208900");
  expect(value("combobox", "As")).toBe("tar");
});

test("the yes for an archive for publications is not taken along", async () => {
  const mounted = await openDialog();
  const { page, user } = mounted;
  await page.findByRole("button", { name: "Upload 420 kB" });
  await user.selectOptions(page.getByRole("combobox", { name: "Archive" }), "dandi");
  await user.click(await page.findByRole("checkbox"));
  await sendIt(mounted);
  tell(mounted, { state: "cancelled", code: "cancelled", problem: "The upload was cancelled" });
  await user.click(await page.findByRole("button", { name: "Change…" }));
  expect(((await page.findByRole("checkbox")) as HTMLInputElement).checked).toBe(false);
});

test("what is edited or checked meanwhile is looked at anew", async () => {
  const mounted = await openDialog();
  const { model, page } = mounted;
  await page.findByRole("button", { name: "Upload 420 kB" });
  const before = model.requests("upload_plan").length;
  edit(mounted, "P10D");
  await waitFor(() => expect(model.requests("upload_plan")).toHaveLength(before + 1));
  await page.findByRole("button", { name: "Upload 420 kB" });
  model.say({ type: "status", id: "", status: { ...model.session.status(), check: "checking" } });
  model.say({ type: "status", id: "", status: { ...model.session.status(), check: "findings", errors: 2 } });
  await waitFor(() => expect(model.requests("upload_plan")).toHaveLength(before + 2));
});

test("nothing is undone behind the dialog", async () => {
  const mounted = await openDialog();
  const { model, page, user } = mounted;
  edit(mounted, "P10D");
  await page.findByRole("button", { name: "Upload 420 kB" });
  page.getByRole("button", { name: "Cancel" }).focus();
  let reached = 0;
  const reach = () => {
    reached += 1;
  };
  document.body.addEventListener("keydown", reach);
  await user.keyboard("{Control>}z{/Control}");
  document.body.removeEventListener("keydown", reach);
  expect(model.requests("undo")).toEqual([]);
  // The key Control itself is the notebook's; the z must not undo a cell.
  expect(reached).toBe(1);
});

test("Cancel upload says that it was pressed until the upload has stopped", async () => {
  const mounted = await openDialog({ delay: ({ op }) => (op === "cancel_upload" ? "never" : 0) });
  const { page, user } = mounted;
  await sendIt(mounted);
  await user.click(page.getByRole("button", { name: "Cancel upload" }));
  const pressed = await page.findByRole("button", { name: "Cancelling…" });
  expect(pressed.hasAttribute("disabled")).toBe(true);
  tell(mounted, { step: 4, done: 1 });
  page.getByRole("button", { name: "Cancelling…" });
  tell(mounted, { state: "cancelled", code: "cancelled", problem: "The upload was cancelled" });
  await page.findByText("The upload was cancelled");
});

test("files are counted as files, and patience is no share of anything", async () => {
  const mounted = await openDialog();
  const { page } = mounted;
  await sendIt(mounted);
  tell(mounted, { step: 6, label: "Reading back", done: 3, total: 12, rate: 1 });
  await page.findByText("3 of 12");
  expect(page.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("25");
  tell(mounted, { step: 8, label: "Waiting for the archive's check", done: 90, total: 180, rate: 1 });
  await page.findByText("1 min 30 s; usually it takes a minute or two");
  expect(page.getByRole("progressbar").hasAttribute("aria-valuenow")).toBe(false);
  expect(page.queryByText("50 %")).toBeNull();
});

test("a failure to begin is over with the next wish", async () => {
  const { page, user } = await openDialog({
    fail: ({ op }) =>
      op === "upload" ? failure("in-use", "an upload of this file is running", "Wait for it.") : null,
  });
  await user.click(await page.findByRole("button", { name: "Upload 420 kB" }));
  await page.findByRole("alert");
  await user.selectOptions(page.getByRole("combobox", { name: "As" }), "tar");
  await waitFor(() => expect(page.queryByRole("alert")).toBeNull());
  await user.click(await page.findByRole("button", { name: "Upload 420 kB" }));
  await page.findByRole("alert");
  await user.click(page.getByRole("button", { name: "Try again" }));
  await waitFor(() => expect(page.queryByRole("alert")).toBeNull());
});

test("a failure to try again is not said of the next upload", async () => {
  let busy = true;
  const mounted = await openDialog({
    fail: ({ op }) => (op === "upload" && busy ? failure("in-use", "an upload is running", "Wait.") : null),
  });
  const { page, user } = mounted;
  tell(mounted, { state: "failed", archive: "dandi-sandbox", code: "transfer", problem: "too busy" });
  await user.click(await page.findByRole("button", { name: "Retry" }));
  await page.findByText("an upload is running");
  busy = false;
  tell(mounted, { state: "failed", code: "transfer", problem: "busy again" });
  await page.findByText("busy again");
});

test("what a failed upload has left is listed", async () => {
  const mounted = await openDialog();
  const { page } = mounted;
  tell(mounted, { state: "failed", code: "transfer", problem: "busy", left: ["blobs/1", "blobs/2"] });
  await page.findByText("2 files in the dandiset wait for the next try");
  page.getByText(/blobs\/1\s+blobs\/2/);
});

test("an archive that does not answer is not taken for a missing key", async () => {
  const { page } = await openDialog({ uploadAway: true });
  const alert = await page.findByRole("alert");
  expect(alert.textContent).toContain("dandi-sandbox did not answer.");
  expect(alert.textContent).not.toContain("key");
});

test("a name that was typed gives way to the one that is free", async () => {
  const mounted = await openDialog({ uploadExists: true });
  const { model, page, user } = mounted;
  await page.findByRole("alert");
  const name = page.getByRole("textbox", { name: "Name in the dandiset" }) as HTMLInputElement;
  await user.type(name, "x");
  await page.findByRole("button", { name: "Upload 420 kB" });
  await user.clear(name);
  await user.click(await page.findByRole("button", { name: "Use another name" }));
  await waitFor(() => expect(name.value).toContain("-2.nwb"));
  await user.type(name, "y");
  await waitFor(() => expect(model.requests("upload_plan").at(-1)?.conflict).toBe("ask"));
});

test("a dialog that changes by itself takes the focus from nowhere else", async () => {
  const mounted = await openDialog();
  const { page } = mounted;
  await sendIt(mounted);
  const cell = document.createElement("textarea");
  document.body.append(cell);
  cell.focus();
  tell(mounted, { state: "done", uploaded: DONE });
  await page.findByRole("dialog", { name: "Uploaded to dandi-sandbox 208811" });
  expect(document.activeElement).toBe(cell);
});
