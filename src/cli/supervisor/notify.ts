import { spawn } from 'node:child_process';
import { systemClock } from '../../core/clock.js';
import { errnoOf, messageOf } from '../../core/errors.js';

/** Tells systemd something. Resolves with `null`, or with a sentence that says why it was not told. Never rejects. */
export type Notify = (socket: string, variables: readonly string[]) => Promise<string | null>;

/** Of systemd itself. Node.js has no datagram sockets of Unix, and a package for them would have to be compiled. */
const PROGRAM = 'systemd-notify';
/** It waits for systemd to have read the message: otherwise systemd could not tell whose it was. */
const LIMIT_MS = 5000;

/** By `systemd-notify`, which gets the address and the path of programs, and nothing else of the environment. */
export const notifyBySystemd: Notify = (socket, variables) => {
  const env = { PATH: process.env['PATH'], NOTIFY_SOCKET: socket };
  const child = spawn(PROGRAM, [...variables], { stdio: 'ignore', shell: false, env, cwd: '/' });
  // Neither it nor its limit (that of `spawn` would) holds up the end of this process.
  child.unref();
  const cancelLimit = systemClock.after(LIMIT_MS, () => child.kill('SIGKILL'));
  const ended = new Promise<string | null>((resolve) => {
    child.once('error', (error) => {
      resolve(
        errnoOf(error) === 'ENOENT'
          ? `${PROGRAM} is missing (package systemd)`
          : `${PROGRAM} could not be started (${messageOf(error)})`,
      );
    });
    child.once('exit', (code, signal) => {
      resolve(code === 0 ? null : `${PROGRAM} failed (${code ?? signal})`);
    });
  });
  return ended.finally(cancelLimit);
};
