import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { againstText } from '../../../bench/against/against-report.mjs';
import { differencesOf, percentDifferences, verdictOf } from '../../../bench/against/difference.mjs';
import { buildRevision, resolveRevision } from '../../../bench/against/other-build.mjs';
import { UsageError } from '../../../bench/usage.mjs';
import { runOf } from './schedule-runs.js';

describe('percentDifferences', () => {
  it('are of the other one, round by round', () => {
    expect(percentDifferences([110, 90], [100, 100])).toEqual([10, -10]);
  });

  it('are nothing where both are nothing', () => {
    expect(percentDifferences([0], [0])).toEqual([0]);
  });

  it('refuse lists of different lengths', () => {
    expect(() => percentDifferences([1], [])).toThrow(RangeError);
  });
});

describe('verdictOf', () => {
  it.each([
    ['costs 3 % more (2 to 4 %)', [3, 2, 4, 3, 3]],
    ['costs 12 % less (11 to 13 %)', [-12, -11, -13]],
    ['costs 0.4 % more (0.3 to 0.5 %)', [0.4, 0.4, 0.3, 0.5, 0.4]],
    ['no difference that can be measured (-4 to +3 %)', [1, -4, 3]],
    ['no difference that can be measured (0 to 0 %)', [0, 0, 0]],
  ])('says "%s"', (sentence, percents) => {
    expect(verdictOf(percents)).toBe(sentence);
  });

  it('finds no difference in rounds that scatter, though all lie on one side', () => {
    expect(verdictOf([-8.3, -33.5, -4.7])).toBe('no difference that can be measured (-34 to -5 %)');
  });

  it('finds one in many rounds, though one of them lies on the other side', () => {
    expect(verdictOf([5, 6, 5, 4, 5, 6, -1, 5, 5])).toBe('costs 5 % more (-1 to +6 %)');
  });

  it('makes nothing of two rounds', () => {
    expect(verdictOf([1, 5])).toBe('too few rounds to tell (+1 to +5 %)');
  });
});

describe('differencesOf', () => {
  const present = [runOf('ours', 1, 1100), runOf('ours', 0, 1030), runOf('ours, no camera', 0, null)];
  const other = [runOf('ours', 0, 1000), runOf('ours', 1, 1000), runOf('ours, no camera', 0, null)];
  const differences = differencesOf(present, other);

  it('pairs the runs of a round, whatever their order', () => {
    const cpu = differences.find(({ what }) => what === 'ours: CPU us/frame');
    expect(cpu?.percents).toEqual([3, 10]);
    expect(cpu).toMatchObject({ present: { min: 1030, max: 1100 }, other: { median: 1000 } });
  });

  it('has figures a frame where there are frames, and others where there are none', () => {
    expect(differences.map(({ what }) => what)).toEqual([
      'ours: CPU us/frame',
      'ours: switches/frame',
      'ours: reads/frame',
      'ours, no camera: % of one core',
      'ours, no camera: switches/s',
    ]);
  });

  it('are told in a table and in a sentence each', () => {
    const rounds = [0, 1, 2];
    const text = againstText({
      present: '0.1.0 abc',
      other: 'HEAD~5 (def)',
      fileSystem: 'ext4',
      othersPercent: { median: 3, min: 1, max: 9 },
      lost: { present: 0, other: 2 },
      differences: differencesOf(
        rounds.map((round) => runOf('ours', round, 1039 + round)),
        rounds.map((round) => runOf('ours', round, 1000)),
      ),
    });
    expect(text).toContain('# 0.1.0 abc against HEAD~5 (def)');
    expect(text).toContain("Other programs had 3 (1 to 9) % of the machine's CPU.");
    expect(text).toContain('0 by this build, 2 by the other');
    expect(text).toMatch(
      /\| ours: CPU us\/frame +\| 1040 \(1039 to 1041\) \| 1000 \(1000 to 1000\) \| +4\.0 \(3\.9 to 4\.1\) % \|/,
    );
    expect(text).toContain('- ours: CPU us/frame: costs 4 % more (4 to 4 %).');
    expect(text).toContain('- ours: reads/frame: no difference that can be measured (0 to 0 %).');
  });
});

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
