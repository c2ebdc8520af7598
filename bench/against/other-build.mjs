// @ts-check
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rememberedGroup } from '../children.mjs';
import { UsageError } from '../usage.mjs';

/**
 * Another revision of this project, built in a folder of its own. It is an archive and no worktree of git, so that nothing of it stays in the
 * repository when the folder goes, however the bench ends.
 */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SHORT_COMMIT = 9;

/**
 * @typedef {object} Revision
 * @property {string} commit whole
 * @property {string} name as it was asked for, and the commit where that is something else
 */

/**
 * Throws `UsageError` where there is no such revision.
 *
 * @param {string} asked
 * @param {string} [root] of the repository
 * @returns {Revision}
 */
export function resolveRevision(asked, root = ROOT) {
  const { status, stdout, error } = spawnSync(
    'git',
    ['-C', root, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${asked}^{commit}`],
    {
      encoding: 'utf8',
    },
  );
  if (error !== undefined) throw new Error(`git cannot be run: ${error.message}`);
  if (status !== 0) throw new UsageError(`${asked} is not a revision of the git repository in ${root}.`);
  const commit = stdout.trim();
  return {
    commit,
    name: commit.startsWith(asked) ? commit.slice(0, SHORT_COMMIT) : `${asked} (${commit.slice(0, SHORT_COMMIT)})`,
  };
}

/**
 * @param {Revision} revision
 * @param {string} folder empty; all of it stays there
 * @param {string} [root] of the repository
 * @returns {Promise<string>} the built main script
 */
export async function buildRevision({ commit, name }, folder, root = ROOT) {
  const archive = join(folder, 'source.tar');
  const source = join(folder, 'source');
  mkdirSync(source);
  const run = (/** @type {readonly string[]} */ command) => runIn(source, command, name);
  await run(['git', '-C', root, 'archive', '--format=tar', '-o', archive, commit]);
  await run(['tar', '-xf', archive]);
  if (hasSamePackages(source, root)) symlinkSync(join(root, 'node_modules'), join(source, 'node_modules'));
  else await run(['npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error']);
  await run(['npm', 'run', '-s', 'build']);
  const script = join(source, 'dist', 'cli', 'main.js');
  if (!existsSync(script)) throw new Error(`${name} has no dist/cli/main.js when it is built.`);
  return script;
}

/** @param {string} source @param {string} root @returns {boolean} whether the packages that are installed are those it wants */
function hasSamePackages(source, root) {
  const locks = [source, root].map((folder) => join(folder, 'package-lock.json'));
  const [theirs, ours] = locks.map((file) => (existsSync(file) ? readFileSync(file, 'utf8') : ''));
  return theirs === ours && existsSync(join(root, 'node_modules'));
}

/** @param {string} folder @param {readonly string[]} command @param {string} name of the revision */
async function runIn(folder, [program = '', ...args], name) {
  // npm does not end what it has started.
  const child = rememberedGroup(
    spawn(program, args, { cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'] }),
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      said += text;
    });
  }
  const [code] = /** @type {[number | null]} */ (await once(child, 'close'));
  if (code !== 0) throw new Error(`${name} cannot be built: ${program} ${args.join(' ')} failed (${code}).\n${said}`);
}
