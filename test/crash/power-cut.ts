import { DISK_BLOCK_BYTES, type DiskOperation, type DiskState, type FileImage, imageIn } from './disk-image.js';

/** What is lost of the writes that were not synced: whole writes, or blocks whichever write they belong to. */
export type Granularity = 'writes' | 'blocks';

/**
 * The files after a power cut behind the first `count` operations. What was synced is there. Of the rest any part may be:
 * each write (or each block, in any state that it went through) and each change of the size, on its own. `random` decides.
 * `durable`: what was on the disk before.
 */
export function afterPowerCut(
  operations: readonly DiskOperation[],
  count: number,
  granularity: Granularity,
  random: () => number,
  durable: DiskState = new Map(),
): DiskState {
  const files = new Map([...durable].map(([name, image]) => [name, image.clone()] as const));
  const pending = new Map<string, DiskOperation[]>();
  for (const operation of operations.slice(0, count)) {
    const { file } = operation;
    const waiting = pending.get(file) ?? [];
    pending.set(file, waiting);
    if (operation.kind !== 'sync') {
      waiting.push(operation);
      continue;
    }
    for (const done of waiting.splice(0)) imageIn(files, file).apply(done);
  }
  // Sometimes nearly all is lost, sometimes nearly nothing: one part in the middle would hide what few writes do.
  const kept = [0.03, 0.2, 0.5, 0.8, 0.97][Math.floor(random() * 5)] ?? 0.5;
  const lose = granularity === 'writes' ? loseWrites : loseBlocks;
  for (const [file, waiting] of pending) lose(imageIn(files, file), waiting, () => random() < kept, random);
  return files;
}

function loseWrites(image: FileImage, waiting: readonly DiskOperation[], isKept: () => boolean): void {
  for (const operation of waiting) if (isKept()) image.apply(operation);
}

function loseBlocks(
  image: FileImage,
  waiting: readonly DiskOperation[],
  isKept: () => boolean,
  random: () => number,
): void {
  const running = image.clone();
  const versions = new Map<number, Buffer[]>();
  const sizes: number[] = [];
  for (const operation of waiting) {
    const before = running.size;
    for (const index of running.apply(operation)) {
      versions.set(index, [...(versions.get(index) ?? []), running.block(index)]);
    }
    if (running.size !== before) sizes.push(running.size);
  }
  const oneOf = <T>(choices: readonly T[]): T | undefined =>
    // Mostly the newest: older versions are written by chance only.
    random() < 0.7 ? choices.at(-1) : choices[Math.floor(random() * choices.length)];
  for (const [index, choices] of versions) {
    const bytes = isKept() ? oneOf(choices) : undefined;
    if (bytes !== undefined) image.setBlock(index, bytes);
  }
  const size = isKept() ? oneOf(sizes) : undefined;
  image.resize(size ?? image.size); // cuts the blocks that came to the disk but not into the file
}

const SECTOR_BYTES = 512;

/**
 * The files after a power cut that leaves the video's header block torn: sectors of 512 bytes of what was durable and of what
 * was being written, now and then zeros. Everything else as in `afterPowerCut`. `undefined` where no header is
 * on its way at that moment.
 */
export function afterTornHeader(
  operations: readonly DiskOperation[],
  count: number,
  video: string,
  random: () => number,
): DiskState | undefined {
  let durable: Buffer = Buffer.alloc(DISK_BLOCK_BYTES);
  let latest = durable;
  for (const operation of operations.slice(0, count)) {
    if (operation.file !== video) continue;
    if (operation.kind === 'sync') durable = latest;
    else if (isHeader(operation)) latest = operation.bytes;
  }
  if (durable.equals(latest)) return undefined;
  const torn = Buffer.from(durable);
  for (let at = 0; at < DISK_BLOCK_BYTES; at += SECTOR_BYTES) {
    if (random() < 0.5) latest.copy(torn, at, at, at + SECTOR_BYTES);
  }
  // The last sector says how large this layout is: with the real one that is known.
  if (random() < 0.1) torn.fill(0, 0, DISK_BLOCK_BYTES - SECTOR_BYTES);
  const files = afterPowerCut(operations, count, 'blocks', random);
  files.get(video)?.setBlock(0, torn);
  return files;
}

function isHeader(operation: DiskOperation): operation is DiskOperation & { kind: 'write' } {
  return operation.kind === 'write' && operation.position === 0 && operation.bytes.length === DISK_BLOCK_BYTES;
}

/** The mistake that the proof must find: each header is written before the sync that its commit needs. */
export function withHeadersBeforeTheirSync(operations: readonly DiskOperation[]): DiskOperation[] {
  const planted: DiskOperation[] = [];
  for (const operation of operations) {
    if (!isHeader(operation)) {
      planted.push(operation);
      continue;
    }
    let at = planted.length;
    while (at > 0 && planted[at - 1]?.kind === 'sync') at -= 1;
    planted.splice(at, 0, operation);
  }
  return planted;
}
