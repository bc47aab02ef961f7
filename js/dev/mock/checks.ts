// What the mock says about values: whether a text is of a type, and two rules of the schema.
import type { Checked, Finding } from "../../src/data/protocol.ts";
import type { MockJournal } from "./journal.ts";

const LFP = "/acquisition/ElectricalSeriesLFP/data";
const AP = "/acquisition/ElectricalSeriesAP/data";
const EYE = "/acquisition/eye_tracking/timestamps";

/** Why a text cannot be a value of a type; empty if it can. */
export function typeProblem(type: string, text: string): string {
  if (/^float/.test(type) && (text.trim() === "" || Number.isNaN(Number(text))))
    return `“${text}” is not a ${type}.`;
  if (/^u?int\d+$/.test(type) && !/^-?\d+$/.test(text.trim())) return `“${text}” is not an ${type}.`;
  if (type === "bool" && !/^(true|false)$/i.test(text.trim())) return "Type true or false.";
  return "";
}

/** What is wrong with a value for the schema; such values may be kept. */
export function schemaProblem(path: string, name: string, text: string): string {
  const voltage = path === LFP || path === AP;
  return voltage && name === "unit" && text !== "volts"
    ? "Must be “volts”; the scale belongs in conversion."
    : "";
}

export function check(path: string, name: string, type: string, text: string): Pick<Checked, "ok" | "words"> {
  const words = typeProblem(type, text) || schemaProblem(path, name, text);
  return { ok: words === "", words };
}

export function findingsOf(journal: MockJournal): Finding[] {
  const findings: Finding[] = [];
  for (const path of [AP, LFP]) {
    const unit = journal.get(path, "unit")?.text;
    if (unit === "volts") continue;
    findings.push({ severity: "error", text: `unit is “${unit}”, must be “volts”`, path, source: "schema" });
  }
  findings.push({
    severity: "warning",
    text: "Timestamps look like milliseconds",
    path: EYE,
    source: "schema",
  });
  findings.push({
    severity: "hint",
    text: "probe_note is not in the schema (allowed)",
    path: LFP,
    source: "schema",
  });
  return findings;
}
