// @ts-check
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Packs what is built, as it would be published, and lets publint and are-the-types-wrong look at it. Neither needs a network.
 * Only ESM is meant: CommonJS loads it with `import()`.
 */

const run = promisify(execFile);
const NODE_MODULES = new URL('../node_modules/', import.meta.url).pathname;

const folder = await mkdtemp(join(tmpdir(), 'csi-cameras-package-'));
try {
  // Without scripts: `prepack` would build anew, under the feet of whatever runs at this moment.
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder]);
  const tarball = join(folder, stdout.trim());
  await Promise.all([
    look('publint/src/cli.js', [tarball, '--strict']),
    look('@arethetypeswrong/cli/dist/index.js', [tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-color']),
  ]);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** @param {string} program in node_modules @param {readonly string[]} args */
async function look(program, args) {
  try {
    await run(process.execPath, [join(NODE_MODULES, program), ...args]);
  } catch (error) {
    const { stdout = '', stderr = '' } = /** @type {{ stdout?: string, stderr?: string }} */ (error);
    process.stderr.write(`${program} finds fault with the package:\n${stdout}${stderr}`);
    process.exitCode = 1;
  }
}
