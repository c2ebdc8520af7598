/** What the names of a recording's files say. How they are made is in `recording/takes/take-paths.ts`: no code is shared. */

/** The kinds of files that a recording has, by how their names end. */
const ENDINGS = {
  videoPath: '.avi',
  timingPath: '_timing.csv',
  metadataPath: '_metadata.csv',
  infoPath: '_info.json',
} as const;

/** The fields of `RecordingFiles` that hold a path. */
export type FileKind = keyof typeof ENDINGS;

const FILE_KINDS = Object.keys(ENDINGS) as readonly FileKind[];

/** `null`: no file of a recording has such a name. */
export function splitName(name: string): { readonly stem: string; readonly kind: FileKind } | null {
  for (const kind of FILE_KINDS) {
    const ending = ENDINGS[kind];
    if (name.length > ending.length && name.endsWith(ending)) return { stem: name.slice(0, -ending.length), kind };
  }
  return null;
}

export interface NameParts {
  readonly trial: number;
  readonly take: number;
  readonly cameraLabel: string;
}

const STEM = /^.+_CSI_trial(\d{3,16})_(.+)$/;
/** The first take has no number in its name. */
const TAKE = /^(.+)_take([1-9]\d{0,5})$/;

/**
 * `{token}_CSI_trial{NNN}_{camera label}[_take{K}]`. `folderName`: the camera's folder bears the label; it decides where a
 * label looks like a take. `null`: the name is not one of ours.
 */
export function partsOfStem(stem: string, folderName: string): NameParts | null {
  const found = STEM.exec(stem);
  if (found === null) return null;
  const [, digits = '', rest = ''] = found;
  const trial = Number(digits);
  if (rest === folderName) return { trial, take: 1, cameraLabel: rest };
  const [, label, number] = TAKE.exec(rest) ?? [];
  if (label === undefined || number === undefined) return { trial, take: 1, cameraLabel: rest };
  return { trial, take: Number(number), cameraLabel: label };
}
