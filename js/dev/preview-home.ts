import type { Home } from "../src/data/protocol.ts";

/** The card of the whole mock file. */
export const MOCK_HOME: Home = {
  type: "home",
  id: "",
  session: [
    { label: "Subject", text: "M07 \u00b7 Mus musculus \u00b7 female \u00b7 P64D", path: "/general/subject" },
    { label: "Started", text: "2024-03-12 15:30:05 +01:00", path: "" },
    { label: "Length", text: "1 h 33 min 45 s", path: "" },
    { label: "Task", text: "Head-fixed wheel task with imaging", path: "" },
  ],
  file: [
    { label: "Source", text: "DANDI 099912, draft \u00b7 open access", path: "" },
    { label: "Size", text: "137.2 GB stored \u00b7 412 kB read so far", path: "" },
    { label: "NWB", text: "2.8.0 \u00b7 hdmf-common 1.8.0", path: "" },
    { label: "Opened", text: "in 0.9 s through a LINDI index", path: "" },
  ],
  contents: [
    {
      label: "Acquisition",
      items: [
        "ElectricalSeriesAP",
        "ElectricalSeriesLFP",
        "TwoPhotonSeries",
        "eye_tracking",
        "wheel_position",
      ].map((name) => ({
        name,
        path: `/acquisition/${name}`,
        note: "",
      })),
      stored_bytes: 134.6e9,
    },
    {
      label: "Processing",
      items: [
        { name: "behavior", path: "/processing/behavior", note: "3 series" },
        { name: "ophys", path: "/processing/ophys", note: "segmentation of 218 ROIs, fluorescence" },
      ],
      stored_bytes: 2.5e9,
    },
    {
      label: "Units",
      items: [{ name: "412 units", path: "/units", note: "9.8 million spikes" }],
      stored_bytes: 81e6,
    },
    {
      label: "Intervals",
      items: [
        { name: "trials", path: "/intervals/trials", note: "640 rows" },
        { name: "epochs", path: "/intervals/epochs", note: "6 rows" },
      ],
      stored_bytes: 94e3,
    },
  ],
  timeline: [
    {
      name: "ElectricalSeriesAP",
      path: "/acquisition/ElectricalSeriesAP",
      spans: [[0, 5625]],
      note: "30 kHz",
    },
    {
      name: "ElectricalSeriesLFP",
      path: "/acquisition/ElectricalSeriesLFP",
      spans: [[0, 5625]],
      note: "2.5 kHz",
    },
    { name: "TwoPhotonSeries", path: "/acquisition/TwoPhotonSeries", spans: [[12, 5620]], note: "30 Hz" },
    {
      name: "wheel_position",
      path: "/acquisition/wheel_position",
      spans: [
        [0, 2470],
        [2822, 5625],
      ],
      note: "gap 5 min 52 s",
    },
    {
      name: "eye_tracking",
      path: "/acquisition/eye_tracking",
      spans: [[0, 5_625_000]],
      note: "looks like ms",
    },
    {
      name: "trials",
      path: "/intervals/trials",
      spans: Array.from({ length: 6 }, (_, at): [number, number] => [60 + at * 905, 910 + at * 905]),
      note: "640 rows",
    },
    { name: "units", path: "/units", spans: [[0, 5625]], note: "412 units" },
  ],
};
