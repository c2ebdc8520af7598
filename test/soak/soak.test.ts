import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROOT } from '../harness/paths.js';
import { temporaryFolder } from '../harness/temporary-folder.js';
import type { SoakResult } from './soak.js';

/** The program itself, as `npm run soak` runs it; seconds instead of a day. */
const PROGRAM = ['--import', './scripts/typescript-loader.mjs', 'test/soak/main.ts'];
/** A process that is seconds old still compiles and fills its pools: growth has another meaning than after hours. */
const YOUNG = ['--max-growth', '25'];
const PATIENCE_MS = 120_000;

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
    const child = spawn(process.execPath, [...PROGRAM, ...YOUNG, ...files, ...args], {
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
    result.judgements.filter(({ ok }) => ok === false).map(({ measure }) => measure);

  it(
    'passes the module: every frame accounted for, cameras lost and found, logs rotated, nothing left open',
    async () => {
      const { code, said, result, svg } = await run('healthy', '--frames', '12000', '--cycles', '28');
      expect(result.problems).toEqual([]);
      expect(said).toContain('PASS');
      expect(code).toBe(0);
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
    ['memory', 'heapData'],
    ['descriptors', 'descriptors'],
  ])(
    'fails where %s leak',
    async (leak, measure) => {
      const leaking = await run(leak, '--frames', '12000', '--cycles', '20', '--leak', leak);
      expect(leaking.result.problems).toEqual([]);
      expect(growing(leaking)).toContain(measure);
      expect(leaking.said).toContain('FAIL');
      expect(leaking.code).toBe(1);
    },
    PATIENCE_MS,
  );
});
