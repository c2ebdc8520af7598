#!/usr/bin/env node
// @ts-check
/**
 * `csi-cameras` as a document's commands meet it: the built program, and nobody who waits. Besides that nothing is changed:
 *
 * - `record` ends after a second, whatever its `--duration`, as if Ctrl-C had been pressed where it has none;
 * - `doctor` asks for a second too: whether this machine has room for two hours is not the document's to say. Nor is its
 *   verdict: warnings and failures end with 0;
 * - what runs until Ctrl-C (`watch`) gets it with its first line;
 * - a monitor is asked for at the port that the test gave to it, as `.curlrc` does for curl.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../../dist/cli/main.js', import.meta.url));
const WARNED = 3;
const FAILED = 4;

const [command, ...given] = process.argv.slice(2);
const args = [...given];

if (command === 'record') replace('--duration', '1');
if (command === 'doctor' && args.includes('--duration')) replace('--duration', '1s');
if (command === 'watch') replace('--url', process.env['DOCUMENT_MONITOR'] ?? '');

/** @param {string} flag @param {string} value */
function replace(flag, value) {
  const at = args.findIndex((arg) => arg === flag);
  if (at !== -1) args.splice(at, 2);
  args.push(flag, value);
}

const words = [...(command === undefined ? [] : [command]), ...args];
if (command === 'watch' && !args.includes('--once')) {
  const watch = spawn(process.execPath, [MAIN, ...words], { stdio: ['inherit', 'pipe', 'inherit'] });
  watch.stdout.pipe(process.stdout);
  watch.stdout.once('data', () => watch.kill('SIGINT'));
  watch.once('close', (code) => {
    process.exitCode = code ?? 1;
  });
} else {
  process.argv = [process.execPath, MAIN, ...words];
  if (command === 'doctor') {
    process.once('exit', (code) => {
      if (code === WARNED || code === FAILED) process.exitCode = 0;
    });
  }
  await import(MAIN);
}
