import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { moduleLife } from '../../../bench/schedule/module-life.mjs';
import { DD, peerLife } from '../../../bench/schedule/peer-life.mjs';

describe('a life of the built module', () => {
  const timing = { warmUpS: 0.1, windowS: 0.5 };

  it('is watched without a camera, streaming and recording', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'csi-cameras-test-'));
    const file = 'fixtures/frame-320x240.jpg';
    const frames = { madeBy: 'this test', files: [file], meanBytes: statSync(file).size };
    const timings = { idle: timing, streaming: timing, recording: timing };
    try {
      const life = await moduleLife(folder, { module: join('dist', 'cli', 'main.js'), frames, timings });
      expect(life.idle?.bytesRead).toBeLessThan(frames.meanBytes);
      for (const cost of [life.streaming, life.recording]) {
        expect(cost?.bytesRead).toBeGreaterThan(frames.meanBytes * 15);
        expect(cost?.cpuUs).toBeGreaterThan(0);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a peer on schedule', () => {
  const timing = { warmUpS: 0.2, windowS: 0.5 };

  async function inFolder<T>(
    use: (folder: string, frames: { madeBy: string; files: string[]; meanBytes: number }) => Promise<T>,
  ) {
    const folder = mkdtempSync(join(tmpdir(), 'csi-cameras-test-'));
    const life = join(folder, 'life');
    mkdirSync(life);
    const file = join(folder, 'frame.jpg');
    writeFileSync(file, Buffer.alloc(100_000, 1));
    try {
      return await use(life, { madeBy: 'this test', files: [file], meanBytes: 100_000 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it('gets every frame at its time through what the module reads from', async () => {
    const cost = await inFolder((folder, frames) => peerLife(DD, folder, { frames, timing }));
    const frames = cost.bytesRead / 100_000;
    // At a machine's own speed it would be hundreds of times as many.
    expect(frames).toBeGreaterThan(cost.seconds * 60 * 0.5);
    expect(frames).toBeLessThan(cost.seconds * 60 * 1.5);
    expect(cost.cpuUs).toBeGreaterThan(0);
  });

  it('is not measured where it fails', async () => {
    const broken = { name: 'broken', command: () => ['sh', '-c', 'echo no disk >&2; exit 3'] };
    const life = inFolder((folder, frames) => peerLife(broken, folder, { frames, timing }));
    await expect(life).rejects.toThrow(/no disk|ended while it was watched/);
  });
});
