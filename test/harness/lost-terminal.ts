import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as nextLook } from 'node:timers/promises';
import { it } from '@jest/globals';

/** A command on a terminal of its own. */
export interface OnTerminal {
  /** Waits until the terminal has shown this. */
  shows(pattern: RegExp): Promise<void>;
  /** Presses these keys. */
  type(keys: string): void;
  /** All that the terminal was sent so far. */
  shown(): string;
  /** The same, as soon as the command has ended. */
  readonly ended: Promise<string>;
  /** Closes the terminal, as a window that is closed or a connection that is lost. */
  close(): Promise<void>;
}

/** Runs a shell command on a pseudo-terminal (`script` of util-linux). */
export function onTerminal(command: string): OnTerminal {
  const terminal = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let shown = '';
  terminal.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
  });
  return {
    type: (keys) => {
      terminal.stdin.write(keys);
    },
    shown: () => shown,
    ended: once(terminal, 'close').then(() => shown),
    async shows(pattern) {
      while (!pattern.test(shown)) {
        if (terminal.exitCode !== null) throw new Error(`The command has ended: ${shown}`);
        await nextLook(10);
      }
    },
    async close() {
      const closed = once(terminal, 'close');
      terminal.kill('SIGKILL');
      await closed;
    },
  };
}

/** The text of a file, as soon as it is there with a whole line. */
export async function lineOf(path: string): Promise<string> {
  for (;;) {
    const text = existsSync(path) ? await readFile(path, 'utf8') : '';
    if (text.endsWith('\n')) return text.trimEnd();
    await nextLook(10);
  }
}

/** `it` for what needs a terminal: where there is no `script` the test is skipped and says so. */
export const itWithTerminal: typeof it = choose();

function choose(): typeof it {
  try {
    execFileSync('script', ['--version'], { stdio: 'ignore' });
    return it;
  } catch {
    process.stderr.write('SKIPPED: there is no `script` (util-linux): recordings on a terminal that is closed\n');
    return it.skip as typeof it;
  }
}
