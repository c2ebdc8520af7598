import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from '../harness/paths.js';

const SRC = join(ROOT, 'src');

/** Node's timers by name. Each takes a delay above 2^31-1 ms for 1 ms. */
const TIMER = /(?<!#)\b(?:setTimeout|setInterval)\b|\bAbortSignal\.timeout\b|['"](?:node:)?timers(?:\/promises)?['"]/;

/** Who may use them besides, and why no number from outside can be too long there. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'core/clock.ts': 'This is the clock: it waits for long delays in pieces.',
  'inspect/video/read-steps.ts': 'A pause of a command line between two reads. A constant.',
  'module/load/load-signals.ts': 'The lateness of this very timer is measured. Its period is a constant.',
  'monitor/page/moments.ts': 'Runs in browsers, which have no other clock. Delays are constants.',
  'virtual-camera/byte-sink.ts': 'Imports nothing of the module. A constant.',
  'virtual-camera/camera-stream.ts': 'Imports nothing of the module. A constant, and a wait that a tick repeats.',
  'virtual-camera/control-file.ts': 'Imports nothing of the module. A constant.',
  'virtual-camera/still-tool.ts': 'Imports nothing of the module. The delay is limited where it is used.',
  'virtual-camera/streaming.ts': 'Imports nothing of the module. Constants.',
  'virtual-camera/tool.ts': 'Imports nothing of the module. The delay is limited where it is used.',
};

function filesThatUseTimers(): string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .filter((file) => TIMER.test(withoutComments(readFileSync(join(SRC, file), 'utf8'))));
}

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, '');
}

describe("Node's timers", () => {
  it('are called by the clock, and by those who cannot be given a number that is too long', () => {
    expect(filesThatUseTimers().sort()).toEqual(Object.keys(EXCEPTIONS).sort());
  });

  it.each([
    'setTimeout(end, durationS * 1000)',
    'timer = global.setInterval(show, 5)',
    'AbortSignal.timeout(limitMs)',
    "import { setTimeout as sleep } from 'node:timers/promises';",
    "import * as timers from 'timers';",
  ])('are found in: %s', (line) => {
    expect(TIMER.test(withoutComments(line))).toBe(true);
  });

  it.each(['this.#setTimeout(delayMs)', '// calls setTimeout', '/** AbortSignal.timeout */ clock.after(1, end)'])(
    'are not found in: %s',
    (line) => {
      expect(TIMER.test(withoutComments(line))).toBe(false);
    },
  );
});
