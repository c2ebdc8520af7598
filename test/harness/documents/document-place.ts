import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PYTHON } from '../../../scripts/readers.mjs';
import { ROOT, VIRTUAL_CAMERA } from '../paths.js';

/** The machine that the commands of one document meet: folders of its own, the virtual camera, and few programs. */

export interface DocumentPlace {
  /** Where the commands run: it looks like a checkout. */
  readonly work: string;
  readonly home: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The same text with the folders that documents name replaced by those of this place. */
  here(text: string): string;
}

const STAND_INS = fileURLToPath(new URL('bin', import.meta.url));

/** Nothing else is found: what may change the machine, or waits for a person, needs a word in the document. */
const PROGRAMS = `
  awk basename bash cat chmod cmp cp curl cut date df diff dirname du echo env ffmpeg ffprobe find grep gunzip gzip head id
  jq ln ls mkdir mktemp mv nproc printf pwd readlink realpath rm rmdir sed seq setsid sh sha256sum sleep sort stat tar tee test
  touch tr true uname uniq wc which xargs`
  .trim()
  .split(/\s+/);

/** Folders of a machine that documents name, and where they are here. */
const FOLDER_OF: Readonly<Record<string, string>> = {
  '/data': 'data',
  '/run/user/1000': 'run',
  '/home/pi': 'home',
  '/var/log': 'tmp',
  '/tmp': 'tmp',
};
const PLACES = new RegExp(`(?<=^|[\\s"'=:(])(?:${Object.keys(FOLDER_OF).join('|')})(?=$|[\\s"'/),;])`, 'gm');

/** Of a checkout, those parts that a document's commands read. */
const COPIED = ['examples', 'integrations', 'scripts', 'package.json', 'plugin.json'];
const LINKED = ['dist', 'docs', 'fixtures'];

/** Makes it in an empty folder. */
export async function makePlace(folder: string): Promise<DocumentPlace> {
  const [work, home, run, data, tmp, bin] = ['work', 'home', 'run', 'data', 'tmp', 'bin'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string, string, string];
  for (const path of [work, home, data, tmp, bin]) await mkdir(path, { recursive: true });
  await mkdir(run, { mode: 0o700 });
  await fillBin(bin);
  for (const name of COPIED.filter((one) => existsSync(join(ROOT, one)))) {
    await cp(join(ROOT, name), join(work, name), { recursive: true });
  }
  for (const name of LINKED) await symlink(join(ROOT, name), join(work, name));
  // As `npm install csi-cameras` leaves it.
  await mkdir(join(work, 'node_modules'));
  await symlink(ROOT, join(work, 'node_modules/csi-cameras'));
  // What a checkout has besides is found one folder up.
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return {
    work,
    home,
    environment: {
      PATH: bin,
      HOME: home,
      USER: 'pi',
      // The gate is root: as one who typed sudo. A user without root is taken as who it is.
      SUDO_USER: 'pi',
      LANG: 'C.UTF-8',
      TMPDIR: tmp,
      XDG_RUNTIME_DIR: run,
      XDG_STATE_HOME: join(home, '.local/state'),
    },
    here: (text) => text.replaceAll(PLACES, (name) => join(folder, FOLDER_OF[name] ?? '')),
  };
}

async function fillBin(bin: string): Promise<void> {
  const links: [string, string][] = [
    ['node', process.execPath],
    ['python3', PYTHON],
    ['rpicam-vid', VIRTUAL_CAMERA],
  ];
  for (const name of await readdir(STAND_INS)) links.push([basename(name, '.mjs'), join(STAND_INS, name)]);
  const taken = new Set(links.map(([name]) => name));
  for (const name of PROGRAMS.filter((one) => !taken.has(one))) {
    const found = ['/usr/local/bin', '/usr/bin', '/bin']
      .map((folder) => join(folder, name))
      .find((path) => existsSync(path));
    if (found !== undefined) links.push([name, found]);
  }
  for (const [name, target] of links) await symlink(target, join(bin, name));
}

/** Has curl ask the monitor of the document whatever the address says, and fail where the answer is an error. */
export async function leadCurlTo(place: DocumentPlace, port: number): Promise<void> {
  await writeFile(join(place.home, '.curlrc'), `connect-to = "::127.0.0.1:${port}"\nfail\nsilent\nshow-error\n`);
}
