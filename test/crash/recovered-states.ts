import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LeftOpenTakes } from '../../src/recording/recovery/left-open-takes.js';
import { infoPathOf } from '../../src/recording/takes/take-paths.js';
import { FaultyFileSystem } from '../harness/faulty-file-system.js';
import { assertRecoveredInfo } from '../harness/recovered-info.js';
import { type DiskOperation, type DiskState, type FileImage, imageIn } from './disk-image.js';
import { afterPowerCut } from './power-cut.js';
import type { CrashState, Truth } from './proof.js';
import { asOperation } from './recorded-writes.js';

/** Has a state's files closed as the next start does; resolves with what that did to them. */
async function recover(truth: Truth, state: CrashState, folder: string): Promise<DiskOperation[]> {
  await mkdir(folder, { recursive: true });
  const names = [truth.video, ...truth.tables.map((table) => table.name)];
  for (const name of names) await state.files.get(name)?.writeTo(join(folder, name));
  const operations: DiskOperation[] = [];
  const complaints: string[] = [];
  const disk = new FaultyFileSystem();
  disk.observe((call) => {
    const operation = asOperation(call);
    if (operation !== undefined && names.includes(operation.file)) operations.push(operation);
  });
  const takes = new LeftOpenTakes({
    fileSystem: disk.fileSystem,
    sync: 'onCheckpoint',
    // The recording was this very process's: here it is dead.
    owners: {
      self: async () => Buffer.alloc(16, 1),
      stateOf: async (mark) => (mark.every((byte) => byte === 0) ? 'closed' : 'gone'),
    },
    log: (_, message, context) => {
      if (!message.endsWith('was closed.')) complaints.push(`${message}: ${JSON.stringify(context)}`);
    },
  });
  await takes.closeIn(folder);
  await checkInfo(truth, folder, complaints);
  await rm(folder, { recursive: true });
  if (complaints.length > 0) throw new Error(`${state.name}: ${complaints.join('; ')}`);
  return operations;
}

/** What was closed has an info file that says what its files say. */
async function checkInfo(truth: Truth, folder: string, complaints: string[]): Promise<void> {
  const [timing = '', metadata] = truth.tables.map(({ name }) => join(folder, name));
  const paths = { videoPath: join(folder, truth.video), timingPath: timing };
  const left = await readdir(folder);
  if (!left.includes(truth.video)) return; // it held no frame
  const wasClosed = left.includes(basename(infoPathOf(paths.videoPath)));
  try {
    if (wasClosed) await assertRecoveredInfo(metadata === undefined ? paths : { ...paths, metadataPath: metadata });
  } catch (thrown) {
    complaints.push(`its info file: ${String(thrown)}`);
  }
}

/** Each state as the next start leaves it. Throws where that gives a file up. Of a torn header no number is to be trusted. */
export async function* recoveredStates(
  truth: Truth,
  states: Iterable<CrashState>,
  folder: string,
  isHeaderTorn = false,
): AsyncGenerator<CrashState> {
  for (const state of states) {
    const operations = await recover(truth, state, folder);
    yield {
      name: `${state.name}, then closed`,
      files: applied(state.files, operations),
      promised: Math.max(state.promised, isHeaderTorn ? 0 : framesIn(truth, state.files)),
      isClosed: true,
    };
  }
}

/** The closing itself dies: killed after each of its operations, and by `samples` power cuts. */
export async function* deathsOfRecovery(
  truth: Truth,
  states: Iterable<CrashState>,
  folder: string,
  samples: number,
  random: () => number,
): AsyncGenerator<CrashState> {
  for (const state of states) {
    const operations = await recover(truth, state, folder);
    const promised = framesIn(truth, state.files);
    for (let count = 1; count <= operations.length; count += 1) {
      const files = applied(state.files, operations.slice(0, count));
      yield { name: `${state.name}, then closing killed after ${count}`, files, promised };
    }
    for (let sample = 0; sample < samples; sample += 1) {
      const count = 1 + Math.floor(random() * operations.length);
      const granularity = sample % 2 === 0 ? 'writes' : 'blocks';
      const files = afterPowerCut(operations, count, granularity, random, state.files);
      yield { name: `${state.name}, then power cut ${sample} after ${count} of closing`, files, promised };
    }
  }
}

/** Closing never takes a frame away. */
function framesIn(truth: Truth, files: DiskState): number {
  return files.get(truth.video)?.read(140, 4).readUInt32LE() ?? 0;
}

function applied(files: DiskState, operations: readonly DiskOperation[]): DiskState {
  const after = new Map<string, FileImage>([...files].map(([name, image]) => [name, image.clone()]));
  for (const operation of operations) imageIn(after, operation.file).apply(operation);
  return after;
}
