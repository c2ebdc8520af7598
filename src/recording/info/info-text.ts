import type { InfoFacts, InfoFile } from './info-file.js';

/** The order of the names in the file. The compiler finds one that is missing. */
const FILE_ORDER: Readonly<Record<keyof InfoFile, true>> = {
  RecordingDuration: true,
  VideoCodec: true,
  VideoFrameRate: true,
  VideoFrameCount: true,
  ImageWidth: true,
  ImageHeight: true,
  ImagePixelFormat: true,
  ImageBitDepth: true,
  ManufacturersModelName: true,
  SoftwareVersions: true,
  csi_cameras: true,
};

const FACTS_ORDER: Readonly<Record<keyof InfoFacts, true>> = {
  schema: true,
  device_id: true,
  camera_label: true,
  session: true,
  trial: true,
  trial_label: true,
  take: true,
  part: true,
  files: true,
  first: true,
  last: true,
  clock: true,
  rate: true,
  account: true,
  gaps: true,
  gaps_total: true,
  settings: true,
  tool: true,
  end: true,
  health: true,
  checksums: true,
  source: true,
};

/** The file's text: JSON with two spaces and a line break at the end. The order of its names does not depend on its maker. */
export function infoText(info: InfoFile): string {
  const ordered = inOrder(FILE_ORDER, { ...info, csi_cameras: inOrder(FACTS_ORDER, info.csi_cameras) });
  return `${JSON.stringify(ordered, null, 2)}\n`;
}

function inOrder(order: Readonly<Record<string, true>>, values: object): Record<string, unknown> {
  const all = new Map<string, unknown>(Object.entries(values));
  return Object.fromEntries(Object.keys(order).map((name) => [name, all.get(name)]));
}
