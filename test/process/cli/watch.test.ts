import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { givenMonitor, type GivenMonitor } from '../../harness/given-monitor.js';
import { itWithTerminal, onTerminal } from '../../harness/lost-terminal.js';
import { answerOf, recordingCamera } from '../../harness/watched-answers.js';
import { MAIN } from '../../harness/paths.js';
import { runProgram } from '../../harness/run-program.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

/** The cursor is seen again, and the terminal's first screen. */
const PUT_BACK = '\u001b[?25h\u001b[?1049l';

let monitor: GivenMonitor;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
  monitor = await givenMonitor(answerOf([recordingCamera()]));
});

afterEach(async () => {
  await monitor.close();
  await folder.remove();
});

const watch = (...args: readonly string[]) => runProgram(folder.path, ['watch', '--url', monitor.url, ...args]);

describe('csi-cameras watch', () => {
  it('shows one table, and ends with 0 where all is well', async () => {
    const { code, stdout, stderr } = await watch('--once').ended;
    expect(stdout).toContain('Left eye');
    expect(stdout).toContain('12 340');
    expect(stdout).not.toContain('\u001b');
    expect([code, stderr]).toEqual([0, '']);
  });

  it('gives the token of the file, and the whole answer as a line of JSON', async () => {
    monitor.token = 'secret';
    const file = join(folder.path, 'token');
    await writeFile(file, 'secret\n');
    const { code, stdout } = await watch('--once', '--json', '--token-file', file).ended;
    expect(JSON.parse(stdout)).toEqual(monitor.answer);
    expect(stdout.endsWith('}\n')).toBe(true);
    expect(code).toBe(0);
  });

  it('ends with 1 and says what to do where no monitor answers', async () => {
    await monitor.close();
    const { code, stdout, stderr } = await watch('--once').ended;
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^error: Nothing listens at .* --monitor/);
  });

  it('ends with 3 where something is wrong', async () => {
    const error = { code: 'camera_disconnected', error: 'The camera was lost.' } as const;
    const lost = recordingCamera({ state: 'waiting', recording: null, given: null, error, retry_in_ms: 8000 });
    monitor.answer = answerOf([lost]);
    const { code, stdout } = await watch('--once').ended;
    expect(stdout).toContain('The camera was lost.');
    expect(code).toBe(3);
  });

  it('writes changes alone into a pipe, also that nobody answers and that somebody does again', async () => {
    const run = watch();
    const lines: string[] = [];
    const { stdout } = run.process;
    if (stdout === null) throw new Error('It has no pipe.');
    const reader = createInterface({ input: stdout });
    reader.on('line', (line) => lines.push(line));
    const until = async (pattern: RegExp): Promise<void> => {
      while (!lines.some((line) => pattern.test(line))) await once(reader, 'line');
    };
    await until(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}picam:0: .*trial 3/);
    monitor.answer = answerOf([recordingCamera({ device_id: 'picam:1' })]);
    await until(/picam:0: no longer assigned/);
    await monitor.close();
    await until(/Nothing listens/);
    run.process.kill('SIGTERM');
    expect((await run.ended).code).toBe(0);
    expect(lines.filter((line) => line.includes('picam:0: no longer'))).toHaveLength(1);
  });

  const onScreen = (after: string) =>
    onTerminal(`'${process.execPath}' '${MAIN}' watch --url '${monitor.url}'; echo "code $?"; ${after}`);

  itWithTerminal('fills the screen of a terminal, and puts back what was there when q is pressed', async () => {
    const terminal = onScreen('stty -a');
    await terminal.shows(/\[\?1049h.*Left eye.*q quits/s);
    terminal.type('q');
    const shown = await terminal.ended;
    expect(shown).toContain(`${PUT_BACK}code 0\r\n`);
    expect(shown.split('code 0')[1]).toMatch(/ icanon .* echo /s);
  });

  itWithTerminal('puts back what was there when it is ended by a signal', async () => {
    const terminal = onTerminal(
      `sh -c 'echo $$; exec "$0" "$@"' '${process.execPath}' '${MAIN}' watch --url '${monitor.url}'; echo "code $?"`,
    );
    await terminal.shows(/Left eye.*q quits/s);
    process.kill(Number.parseInt(terminal.shown(), 10), 'SIGTERM');
    expect((await terminal.ended).endsWith(`${PUT_BACK}code 0\r\n`)).toBe(true);
  });
});
