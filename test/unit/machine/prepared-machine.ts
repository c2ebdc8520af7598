import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Machine } from '../../../src/machine/machine.js';
import type { Plan } from '../../../src/machine/plan.js';
import type { ToolAnswer } from '../../../src/machine/system-tools.js';
import { patientClock } from '../../harness/patient-clock.js';

/** A machine that a test has put together: files below the roots, what its tools say, its clock and its disk. */
export interface Prepared {
  /** By their paths: `sys/class/...`, `proc/...`, `dev/...`, `run/...`. `@` in a text, and in `plan.out`, is the folder itself. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
  /** Links by their paths, as in `/proc/PID/fd`. */
  readonly links?: Readonly<Record<string, string>>;
  /** By their command lines; any other one is not installed. */
  readonly tools?: Readonly<Record<string, string>>;
  /** What the capture tool says, by its arguments. */
  readonly capture?: Readonly<Record<string, string>>;
  /** Paths that this user may not use, by their ends. */
  readonly refused?: readonly string[];
  readonly nodeVersion?: string;
  readonly freeBytes?: bigint | null;
  readonly date?: string;
  readonly plan?: Partial<Plan>;
}

export const NEVER = new AbortController().signal;

/** Puts its files into an empty folder. */
export async function prepare(folder: string, prepared: Prepared): Promise<{ machine: Machine; plan: Plan }> {
  for (const [path, content] of Object.entries(prepared.files ?? {})) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), typeof content === 'string' ? content.replaceAll('@', folder) : content);
  }
  for (const [path, target] of Object.entries(prepared.links ?? {})) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await symlink(target, join(folder, path));
  }
  const say = (answers: Readonly<Record<string, string>> | undefined, called: string): Promise<ToolAnswer> => {
    const output = answers?.[called];
    const name = called.split(' ')[0] ?? '';
    return Promise.resolve(
      output === undefined ? { output: null, why: `${name} is not installed` } : { output, lines: [] },
    );
  };
  const machine: Machine = {
    roots: { sys: join(folder, 'sys'), proc: join(folder, 'proc'), dev: join(folder, 'dev'), run: join(folder, 'run') },
    clock:
      prepared.date === undefined ? patientClock : { ...patientClock, wallMs: () => Date.parse(prepared.date ?? '') },
    nodeVersion: prepared.nodeVersion ?? '22.1.0',
    disk: { freeBytes: () => Promise.resolve(prepared.freeBytes ?? null) },
    tool: (name, toolArguments) => say(prepared.tools, [name, ...toolArguments].join(' ')),
    captureTool: (toolArguments) => say(prepared.capture, toolArguments.join(' ')),
    access: (path) =>
      Promise.resolve(prepared.refused?.some((end) => path.endsWith(end)) === true ? 'EACCES' : 'usable'),
    source: { open: () => Promise.reject(new Error('There is no camera here.')) },
  };
  const plan: Plan & { out: string } = {
    out: '/data/session',
    logDir: '/logs',
    fps: 30,
    cameras: 1,
    opensCameras: false,
    testsDisk: false,
    isVirtual: false,
    rate: { bytesPerSecond: 10e6, from: 'the test' },
    ...prepared.plan,
  };
  plan.out = plan.out.replace('@', folder);
  await mkdir(join(folder, 'data/session'), { recursive: true });
  return { machine, plan };
}
