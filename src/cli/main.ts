#!/usr/bin/env node
import { CommanderError } from 'commander';
import { commandLine } from './command-line.js';
import { outliveOutputs, sayOnStderr } from './output.js';

outliveOutputs();
leaveRemovedFolder();

try {
  await commandLine().parseAsync();
} catch (thrown) {
  if (!(thrown instanceof CommanderError)) throw thrown;
  // Help and version are thrown too, with exit code 0.
  process.exitCode = thrown.exitCode === 0 ? 0 : 2;
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
