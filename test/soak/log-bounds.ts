import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const MIB = 2 ** 20;

/** The hardening spec's table, written down anew: a wrong figure in the module must not judge itself. */
const BOUNDS: readonly { readonly name: string; readonly maxBytes: number; readonly backups: number }[] = [
  { name: 'csicameras.log', maxBytes: 10 * MIB, backups: 5 },
  { name: 'commands.jsonl', maxBytes: 5 * MIB, backups: 3 },
  { name: 'frame_drops.jsonl', maxBytes: 5 * MIB, backups: 3 },
];

/** What was left by earlier days: logs so nearly full that each of them rotates soon. */
export async function leaveEarlierLogs(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const { name, maxBytes } of BOUNDS) {
    const line = `{"ts":1,"time":1,"level":20,"msg":"${'an earlier day '.repeat(8)}"}\n`;
    const lines = Math.floor((maxBytes - 70 * 1024) / line.length);
    await writeFile(join(directory, name), line.repeat(lines), { mode: 0o600 });
  }
}

/** Watches the logs of the module: their sizes, how many there are, and how often they were rotated. */
export class LogBounds {
  readonly rotations: Record<string, number> = Object.fromEntries(BOUNDS.map(({ name }) => [name, 0]));
  readonly #newestBackup = new Map<string, string>();

  constructor(private readonly directory: string) {}

  /** What is wrong, a sentence each. */
  async check(): Promise<readonly string[]> {
    const wrong: string[] = [];
    const present = await readdir(this.directory);
    for (const { name, maxBytes, backups } of BOUNDS) {
      const own = present.filter((file) => file.startsWith(name) && /^(\.\d+)?$/.test(file.slice(name.length)));
      for (const file of own) {
        const found = await stat(join(this.directory, file), { bigint: true }).catch(() => null);
        // It is being rotated at this moment: then it is there under its next name.
        if (found === null) continue;
        if (found.size > maxBytes) wrong.push(`${file} has ${found.size} bytes, ${maxBytes} are the most.`);
        if (file === `${name}.1`) this.#noteBackup(name, `${found.ino} ${found.mtimeNs}`);
      }
      const highest = Math.max(0, ...own.map((file) => Number(file.slice(name.length + 1))));
      if (highest > backups) wrong.push(`${name}.${highest} is there, ${backups} backups are the most.`);
    }
    return wrong;
  }

  #noteBackup(name: string, identity: string): void {
    if (this.#newestBackup.get(name) === identity) return;
    this.#newestBackup.set(name, identity);
    this.rotations[name] = (this.rotations[name] ?? 0) + 1;
  }
}
