#!/usr/bin/env node
import { type Command, CommanderError } from 'commander';
import { outliveOutputs, sayOnStderr } from './output.js';
import { program } from './program.js';

outliveOutputs();
leaveRemovedFolder();

try {
  const line = await lineFor(process.argv[2]);
  await line.parseAsync();
} catch (thrown) {
  if (!(thrown instanceof CommanderError)) throw thrown;
  // Help and version are thrown too, with exit code 0.
  process.exitCode = thrown.exitCode === 0 ? 0 : 2;
}

/** A quick check of a recording would take a tenth longer with the other commands loaded. */
async function lineFor(first: string | undefined): Promise<Command> {
  if (first === 'verify') {
    const { addVerify } = await import('./verify/verify-command.js');
    const line = program();
    addVerify(line);
    return line;
  }
  const { commandLine } = await import('./command-line.js');
  return commandLine();
}

/** Node starts no thread in a current directory that was removed, so no camera would open there. */
function leaveRemovedFolder(): void {
  try {
    process.cwd();
  } catch {
    process.chdir('/');
    sayOnStderr('The current directory was removed. Paths that are not absolute are taken from / instead.');
  }
}
