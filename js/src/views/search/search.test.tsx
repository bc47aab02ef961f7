import { waitFor } from "@testing-library/preact";
import { afterEach, describe, expect, test } from "vitest";
import { type Mounted, mountMock, unmountAll } from "../../../dev/harness.ts";
import { failure } from "../../../dev/mock/failure.ts";

type Options = Parameters<typeof mountMock>[0];

afterEach(unmountAll);

// One field stands over the objects of a file and over the files of a dandiset.
const PLACES = [
  {
    over: "a file",
    options: { view: "attributes" },
    field: "Search names",
    row: /^units/,
    first: { text: "starting", counted: /^2 of 42 objects · / },
    other: { text: "trials", path: "/intervals/trials" },
    nothing: "No name contains “zebra”.",
    opened: ({ model }: Mounted) => model.get("selected"),
  },
  {
    over: "a dandiset",
    options: { dandiset: true },
    field: "Search paths",
    row: "sub-M07",
    first: { text: "m07", counted: "3 of 1,205 files" },
    other: { text: "m08", path: "/sub-M08/sub-M08_ses-20240402_behavior+ophys.nwb" },
    nothing: "No path contains “zebra”.",
    opened: ({ model }: Mounted) => model.requests("choose").at(-1)?.path,
  },
] as const;

describe.each(PLACES)("over $over", ({ options, field, row, first, other, nothing, opened }) => {
  async function mounted(more: Options = {}): Promise<Mounted & { input: HTMLInputElement }> {
    const found = mountMock({ ...options, ...more });
    await found.page.findByRole("treeitem", { name: row });
    return { ...found, input: found.page.getByRole("textbox", { name: field }) as HTMLInputElement };
  }

  test("what is found is counted, and Escape brings the whole tree back", async () => {
    const { page, user, input } = await mounted();
    await user.type(input, first.text);
    await page.findByText(first.counted);
    page.getByRole("tree", { name: "Search results" });
    await user.keyboard("{Escape}");
    expect(input.value).toBe("");
    expect(page.queryByRole("tree", { name: "Search results" })).toBeNull();
    page.getByRole("treeitem", { name: row });
  });

  test("that nothing is found is said, and cleared by the button", async () => {
    const { page, user, input } = await mounted();
    await user.type(input, "zebra");
    await page.findByText(nothing);
    await user.click(page.getByRole("button", { name: "Clear" }));
    page.getByRole("treeitem", { name: row });
  });

  test("Enter opens what is typed, not what was found a moment ago", async () => {
    const at = await mounted();
    await at.user.type(at.input, first.text);
    await at.page.findByText(first.counted);
    await at.user.clear(at.input);
    await at.user.type(at.input, `${other.text}{Enter}`);
    await waitFor(() => expect(opened(at)).toBe(other.path));
  });

  test("the arrow leads down to what was found", async () => {
    const { page, user, input } = await mounted();
    await user.type(input, first.text);
    await page.findByText(first.counted);
    await user.keyboard("{ArrowDown}");
    expect(page.getByRole("tree", { name: "Search results" }).contains(document.activeElement)).toBe(true);
  });

  test("a search that fails says why", async () => {
    const { page, user, input } = await mounted({
      fail: ({ op }) => (op === "search" ? failure("network", "The server is away", "Try later.") : null),
    });
    await user.type(input, first.text);
    await page.findByText("The server is away");
  });
});
