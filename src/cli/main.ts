#!/usr/bin/env node
import { CommanderError } from 'commander';
import { commandLine } from './command-line.js';
import { outliveOutputs } from './output.js';

outliveOutputs();

try {
  await commandLine().parseAsync();
} catch (thrown) {
  if (!(thrown instanceof CommanderError)) throw thrown;
  // Help and version are thrown too, with exit code 0.
  process.exitCode = thrown.exitCode === 0 ? 0 : 2;
}
