import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as nextLook } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SYSTEMD } from '../../../scripts/readers.mjs';
import { inspectAll } from '../../harness/inspect-all.js';
import { isPresent } from '../../harness/present-readers.js';
import { runProgram } from '../../harness/run-program.js';
import { Supervisor, type SupervisorEvent } from '../../harness/supervisor.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

/** The service under a supervisor that reads its unit and does as systemd would. No systemd runs. */

const withSystemd = isPresent(SYSTEMD) ? it : it.skip;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let supervisor: Supervisor | undefined;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await supervisor?.end();
  supervisor = undefined;
  await folder.remove();
});

/** The unit that the product makes, with shorter times. */
async function supervise(...flags: readonly string[]): Promise<Supervisor> {
  const printed = await runProgram(folder.path, ['service', '--print', '--run-as', 'root', '--', ...flags]).ended;
  const unit = printed.stdout
    .replace('WatchdogSec=30', 'WatchdogSec=2')
    .replace('\nRestartSec=2\n', '\nRestartSec=10ms\n');
  const path = join(folder.path, 'csi-cameras.service');
  await writeFile(path, unit);
  const env = { ...process.env, HOME: folder.path, NOTIFY_SOCKET: '/not/this/one' };
  return (supervisor = new Supervisor(path, env));
}

const isTold =
  (pattern: RegExp) =>
  ({ event, STATUS = '' }: SupervisorEvent): boolean =>
    event === 'told' && pattern.test(STATUS);
const isEvent =
  (...names: readonly SupervisorEvent['event'][]) =>
  ({ event }: SupervisorEvent): boolean =>
    names.includes(event);

describe('the service', () => {
  withSystemd(
    'is killed, hangs and is stopped: it is started again twice, then ends well, and what it recorded is verified',
    async () => {
      const out = join(folder.path, `a $b %n "q"`, 'session_cage');
      await mkdir(join(out, '..'));
      const run = await supervise('--simulate', '--size', '320x240', '--out', out, '--label', `it's 5 % \\ "$HOME";`);

      await run.next(({ event, READY }) => event === 'told' && READY === '1');
      await run.next(isTold(/records take 1: [1-9]/));
      run.command('SIGKILL');
      expect(await run.next(isEvent('ended'))).toMatchObject({ code: -9 });

      await run.next(isTold(/records take 2: [1-9]/));
      run.command('SIGSTOP');
      expect(await run.next(isEvent('overdue', 'ended'))).toMatchObject({ event: 'overdue', of: 'watchdog' });
      expect(await run.next(isEvent('ended'))).toMatchObject({ code: -9 });

      await run.next(isTold(/records take 3: [1-9]/));
      // Meanwhile the third life closes what the first two have left.
      const names = async () => (await readdir(out, { recursive: true })).filter((name) => name.endsWith('_info.json'));
      while ((await names()).length < 2) await nextLook(20);
      run.command('stop');
      await run.next(({ event, STOPPING }) => event === 'told' && STOPPING === '1');
      expect(await run.next(isEvent('overdue', 'ended'))).toEqual({ event: 'ended', code: 0 });

      const recordings = await inspectAll([out]);
      expect(recordings.map(({ take, state, verdict }) => [take, state, verdict])).toEqual([
        [1, 'closed', 'lost'],
        [2, 'closed', 'lost'],
        [3, 'closed', 'proven'],
      ]);
      const starts = run.events.filter(isEvent('started'));
      expect(starts).toHaveLength(3);
      expect(run.events.some(({ text }) => text?.includes('supervisor') === true)).toBe(false);
    },
  );

  withSystemd(
    'is ready without a camera, says why it does not record, and ends at once when it is stopped',
    async () => {
      const run = await supervise('--capture-tool', '/not/here', '--out', join(folder.path, 'session_cage'));
      await run.next(isTold(/\/not\/here .*The next attempt is in 30 s\.$/));
      await run.next(({ event, WATCHDOG }) => event === 'told' && WATCHDOG === '1');
      run.command('stop');
      expect(await run.next(isEvent('overdue', 'ended'))).toMatchObject({ event: 'ended' });
      expect(run.events.filter(isEvent('started'))).toHaveLength(1);
    },
  );

  it('records where systemd-notify is missing, says so once, and ends no later', async () => {
    const flags = ['--simulate', '--size', '320x240', '--duration', '0.5', '--out', 'session_cage'];
    const env = { NOTIFY_SOCKET: join(folder.path, 'none'), WATCHDOG_USEC: '100000', PATH: folder.path };
    const run = runProgram(folder.path, ['record', ...flags], env);
    let toldMs = Infinity;
    run.process.stdout?.once('data', () => (toldMs = performance.now()));
    const { code, stderr } = await run.ended;
    // The limit of a notification is 5 s. It must hold up no end.
    expect(performance.now() - toldMs).toBeLessThan(4_000);
    expect(code).toBe(0);
    const told = stderr.split('\n').filter((line) => line.includes('systemd'));
    expect(told).toEqual([
      'warning: systemd is not told that this process lives: systemd-notify is missing (package systemd).',
    ]);
  });
});
