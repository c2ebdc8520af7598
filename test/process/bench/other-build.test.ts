import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { buildRevision, resolveRevision } from '../../../bench/against/other-build.mjs';
import { UsageError } from '../../../bench/usage.mjs';

describe('another revision', () => {
  /** A repository whose build copies a file, with two commits. */
  async function withRepository(use: (root: string, folder: string) => Promise<void>) {
    const scratch = mkdtempSync(join(tmpdir(), 'csi-cameras-test-'));
    const [root, folder] = [join(scratch, 'repository'), join(scratch, 'build')];
    mkdirSync(join(root, 'node_modules'), { recursive: true });
    mkdirSync(folder);
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', root, '-c', 'user.name=Test', '-c', 'user.email=test@example.org', ...args]);
    const commit = (content: string) => {
      writeFileSync(join(root, 'main.js'), content);
      git('add', '.');
      git('commit', '-q', '-m', content);
    };
    try {
      execFileSync('git', ['init', '-q', root]);
      const build = 'mkdir -p dist/cli && cp main.js dist/cli/main.js';
      writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'x', scripts: { build } }));
      writeFileSync(join(root, 'package-lock.json'), '{}');
      writeFileSync(join(root, '.gitignore'), 'node_modules\n');
      commit('// old');
      commit('// new');
      await use(root, folder);
    } finally {
      rmSync(scratch, { recursive: true });
    }
  }

  it('is built beside this one, with the packages that are here', async () => {
    await withRepository(async (root, folder) => {
      const revision = resolveRevision('HEAD~1', root);
      expect(revision.name).toBe(`HEAD~1 (${revision.commit.slice(0, 9)})`);
      const script = await buildRevision(revision, folder, root);
      expect(readFileSync(script, 'utf8')).toBe('// old');
      expect(lstatSync(join(folder, 'source', 'node_modules')).isSymbolicLink()).toBe(true);
      expect(readFileSync(join(root, 'main.js'), 'utf8')).toBe('// new');
      expect(existsSync(join(root, 'dist'))).toBe(false);
    });
  });

  it('that there is not is wrong usage, and so is what looks like an option', async () => {
    await withRepository(async (root) => {
      expect(() => resolveRevision('no-such-branch', root)).toThrow(UsageError);
      expect(() => resolveRevision('--all', root)).toThrow(UsageError);
      await Promise.resolve();
    });
    expect(() => resolveRevision('HEAD', tmpdir())).toThrow(UsageError);
  });

  it('that cannot be built says why', async () => {
    await withRepository(async (root, folder) => {
      writeFileSync(join(root, 'package.json'), JSON.stringify({ scripts: { build: 'echo broken code >&2; exit 1' } }));
      execFileSync('git', [
        '-C',
        root,
        '-c',
        'user.name=T',
        '-c',
        'user.email=t@example.org',
        'commit',
        '-qam',
        'break',
      ]);
      await expect(buildRevision(resolveRevision('HEAD', root), folder, root)).rejects.toThrow('broken code');
    });
  });
});
