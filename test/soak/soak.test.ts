import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROOT } from '../harness/paths.js';
import { temporaryFolder } from '../harness/temporary-folder.js';
import { exitCodeOf } from './outcome.js';
import type { SoakResult } from './soak.js';

/** The program itself, as `npm run soak` runs it; seconds instead of a day. */
const PROGRAM = ['--import', './scripts/typescript-loader.mjs', 'test/soak/main.ts'];
const PATIENCE_MS = 240_000;

interface Run {
  readonly code: unknown;
  readonly said: string;
  readonly result: SoakResult;
  readonly svg: string;
}

describe('The soak', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => folder.remove());

  async function run(name: string, ...args: string[]): Promise<Run> {
    const [json, svg] = [join(folder.path, `${name}.json`), join(folder.path, `${name}.svg`)];
    const files = ['--dir', folder.path, '--json', json, '--plot', svg];
    const child = spawn(process.execPath, [...PROGRAM, ...files, ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.stderr.resume();
    const [code] = (await once(child, 'close')) as unknown[];
    const result = JSON.parse(await readFile(json, 'utf8')) as SoakResult;
    return { code, said, result, svg: await readFile(svg, 'utf8') };
  }

  const growing = ({ result }: Run): string[] =>
    result.judgements.filter(({ verdict }) => verdict === 'growing').map(({ measure }) => measure);

  it(
    'passes the module: every frame accounted for, cameras lost and found, logs rotated, nothing left open',
    async () => {
      const healthy = await run('healthy', '--frames', '12000', '--cycles', '28');
      const { code, said, result, svg } = healthy;
      expect(result.problems).toEqual([]);
      // Seconds prove nothing about a day, and the soak says so.
      expect(growing(healthy)).toEqual([]);
      expect(said).toContain('NO PROOF');
      expect(said).toContain('heap without code');
      expect(code).toBe(0);
      expect(exitCodeOf(result.outcome, true)).toBe(3);
      const { frames, delivered, dropped, skipped, losses, rotations, logLinesLost } = result.totals;
      expect(frames).toBeGreaterThanOrEqual(12_000);
      expect(delivered).toBe(frames + dropped + skipped);
      expect(losses).toBe(7);
      expect(rotations['commands.jsonl']).toBeGreaterThan(0);
      expect(logLinesLost).toBe(0);
      expect(svg).toContain('resident set');
    },
    PATIENCE_MS,
  );

  it.each([
    // Memory is judged by four rounds of 12 cycles, a count by 12 samples. The first two or one are the warm-up.
    ['memory', 'heapData', '50'],
    ['descriptors', 'descriptors', '13'],
  ])(
    'fails where %s leak',
    async (leak, measure, cycles) => {
      const leaking = await run(leak, '--frames', '12000', '--cycles', cycles, '--warm-up', '0.04', '--leak', leak);
      expect(leaking.result.problems).toEqual([]);
      expect(growing(leaking)).toContain(measure);
      expect(leaking.said).toContain('FAIL');
      expect(leaking.code).toBe(1);
    },
    PATIENCE_MS,
  );
});
