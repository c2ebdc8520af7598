#!/usr/bin/env node
// @ts-check
/**
 *     type-session FIRST LAST PROGRAM [ARGUMENT...]
 *
 * Types these lines of `$DOCUMENT` into a program, as a person does who follows a session: each one when the command before
 * it has been answered. Ends as the program does, and with 1 where a command was not carried out.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [first, last, program = '', ...args] = process.argv.slice(2);
const lines = readFileSync(process.env['DOCUMENT'] ?? '', 'utf8').split('\n');
const typed = lines.slice(Number(first) - 1, Number(last));

/** It says that a command was heard, not what came of it. */
const HEARD = 'device_ack';
const FAILED = /^(?:\w+_error|command_nack|warning)$/;

const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
child.stdin.on('error', () => undefined); // it has ended: its exit code says why
let isAllDone = true;

function typeNext() {
  const line = typed.shift();
  if (line === undefined) child.stdin.end();
  else child.stdin.write(`${line}\n`);
}

createInterface({ input: child.stdout }).on('line', (line) => {
  process.stdout.write(`${line}\n`);
  const said = /** @type {{ status: string, in_reply_to?: string }} */ (JSON.parse(line));
  if (FAILED.test(said.status)) isAllDone = false;
  if (said.in_reply_to !== undefined && said.status !== HEARD) typeNext();
});
typeNext();
child.once('close', (code) => {
  process.exitCode = isAllDone && typed.length === 0 ? (code ?? 1) : 1;
});
