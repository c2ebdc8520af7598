import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as limit } from 'node:timers/promises';
import { blocksOf, isRun, type Block } from './document-blocks.js';
import { makePlace, type DocumentPlace } from './document-place.js';
import { scriptOf, withoutIndents } from './document-script.js';
import { lacking } from './needs.js';
import { suppose, type Template } from './supposed.js';

/** Longer than any document takes, even on a machine that has much else to do. */
const PATIENCE_MS = 150_000;
/** Of what was printed: enough to see the command that failed, and what it said. */
const SHOWN_LINES = 25;

export interface DocumentRun {
  readonly code: number | null;
  /** The end of what was printed, each command with its line in the document in front. */
  readonly printed: string;
}

/** The blocks of a document that are run here, on this machine. */
export function runnableBlocks(document: string, text: string): Block[] {
  return blocksOf(document, text).filter((block) => isRun(block) && lacking(block.needs).length === 0);
}

/** Runs all of them, in order, in one bash and in a folder of the document's own. */
export async function runDocument(
  document: string,
  text: string,
  folder: string,
  template: Template,
): Promise<DocumentRun> {
  await mkdir(folder);
  const place = await makePlace(folder);
  const here = place.here(text);
  const blocks = runnableBlocks(document, here);
  const supposed = await suppose(document, here, place, template);
  try {
    const script = join(folder, document.replaceAll('/', '-'));
    await writeFile(script, scriptOf(here, blocks));
    await writeFile(`${script}.read`, withoutIndents(here, blocks));
    const environment = { ...place.environment, ...supposed.environment, DOCUMENT: `${script}.read` };
    return await bash(script, place, environment);
  } finally {
    await supposed.end();
  }
}

async function bash(
  script: string,
  place: DocumentPlace,
  environment: Readonly<Record<string, string>>,
): Promise<DocumentRun> {
  // A group of its own, so that nothing that it started is left.
  const child = spawn('/bin/bash', ['-euxo', 'pipefail', script], {
    cwd: place.work,
    env: { ...environment, PS4: '+ line $LINENO: ' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
    });
  }
  const stopWaiting = new AbortController();
  const patience = limit(PATIENCE_MS, undefined, { signal: stopWaiting.signal }).then(
    () => {
      printed += `\nIt did not end within ${PATIENCE_MS} ms.\n`;
      killGroup(child.pid);
    },
    () => undefined,
  );
  const [code] = (await once(child, 'exit')) as [number | null];
  stopWaiting.abort();
  await patience;
  killGroup(child.pid);
  return { code, printed: printed.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n') };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}
