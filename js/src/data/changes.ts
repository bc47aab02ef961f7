// What a difference is about, and where it is looked at.
import { parentOf } from "./path.ts";
import type { Change } from "./protocol.ts";

/** The node a change is seen at: of a node that was removed, the group it was in. */
export function placeOf(change: Pick<Change, "mark" | "name" | "path">): string {
  return change.mark === "D" && change.name === "" ? parentOf(change.path) : change.path;
}
