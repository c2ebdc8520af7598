import { describe, expect, it } from '@jest/globals';
import { isUntouched, unitText, type UnitOptions } from '../../../../src/cli/service/unit-text.js';
import { argumentWord, pathWord, whyNoProgram, whyNoWord } from '../../../../src/cli/service/unit-words.js';
import { SHUTDOWN_CAMERAS_MS, SHUTDOWN_LOGS_MS } from '../../../../src/core/closing-budget.js';

const OPTIONS: UnitOptions = {
  name: 'csi-cameras',
  isForUser: false,
  user: 'pi',
  node: '/usr/bin/node',
  main: '/opt/csi/main.js',
  record: ['--camera=0', '--label=50 % of $5'],
  out: '/data/two words',
};
const settingIn = (text: string, name: string): string | undefined => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1];

describe('a word of a unit', () => {
  it.each([
    ['/data/session_1', '/data/session_1', '/data/session_1'],
    ['two words', '"two words"', '"two words"'],
    ['50%n', '"50%%n"', '"50%%n"'],
    ['$HOME', '"$$HOME"', '"$HOME"'],
    ['${HOME}', '"$${HOME}"', '"${HOME}"'],
    ['say "a\\b"', String.raw`"say \"a\\b\""`, String.raw`"say \"a\\b\""`],
    [';', '";"', '";"'],
    ["it's", `"it's"`, `"it's"`],
    ['#', '"#"', '"#"'],
    ['', '""', '""'],
    ['Käfig', '"Käfig"', '"Käfig"'],
  ])('%j is written so that systemd reads the same again', (word, argument, path) => {
    expect([argumentWord(word), pathWord(word)]).toEqual([argument, path]);
    expect(whyNoWord(word)).toBeUndefined();
  });

  it.each(['two\nlines', 'a\rb', 'a\u001bb', 'a\u2028b'])('%j cannot be one', (word) => {
    expect(whyNoWord(word)).toBe('has a control character');
    expect(whyNoProgram(word)).toBe('has a control character');
  });

  it.each(['/a"b/node', "/a'b/node", '/a\\b/node'])('%j cannot be a program: systemd refuses it', (path) => {
    expect(whyNoProgram(path)).toBe('has a quote or a backslash');
  });
});

describe('the unit', () => {
  const ofTheSystem = unitText(OPTIONS);
  const ofAUser = unitText({ ...OPTIONS, isForUser: true, out: 'recordings/session_unattended' });

  it('runs record with what was given, as the user who was named', () => {
    expect(settingIn(ofTheSystem, 'ExecStart')).toBe(
      '/usr/bin/node /opt/csi/main.js record --camera=0 "--label=50 %% of $$5"',
    );
    expect([settingIn(ofTheSystem, 'User'), settingIn(ofTheSystem, 'SupplementaryGroups')]).toEqual(['pi', 'video']);
    expect(settingIn(ofTheSystem, 'RequiresMountsFor')).toBe('"/data/two words"');
    expect(settingIn(ofTheSystem, 'WantedBy')).toBe('multi-user.target');
  });

  it("has nothing of what a user's own systemd may not do", () => {
    for (const name of ['User', 'SupplementaryGroups', 'OOMScoreAdjust', 'ProtectSystem', 'RequiresMountsFor'])
      expect([name, settingIn(ofAUser, name)]).toEqual([name, undefined]);
    expect(settingIn(ofAUser, 'WantedBy')).toBe('default.target');
  });

  it.each([ofTheSystem, ofAUser])('hides no camera and starts again for ever', (text) => {
    expect(text).not.toMatch(/^(?:Private\w+|Device\w+|ProtectClock|ProtectHome|MemoryDenyWriteExecute)=/m);
    expect([settingIn(text, 'Restart'), settingIn(text, 'StartLimitIntervalSec')]).toEqual(['always', '0']);
  });

  it.each([ofTheSystem, ofAUser])('ends what hangs, asks before it ends, and stays down after wrong usage', (text) => {
    const settings = [
      'WatchdogSignal',
      'KillMode',
      'KillSignal',
      'OOMPolicy',
      'RestartPreventExitStatus',
      'RestartSec',
    ];
    expect(settings.map((name) => settingIn(text, name))).toEqual([
      'SIGKILL',
      'mixed',
      'SIGTERM',
      'continue',
      '2',
      '2',
    ]);
    expect(settingIn(text, 'NoNewPrivileges')).toBe('yes');
  });

  it('is what the kernel ends last', () => {
    expect(Number(settingIn(ofTheSystem, 'OOMScoreAdjust'))).toBeLessThan(0);
  });

  it('gives an end the time that it may need, however stuck everything is', () => {
    const [DISK_MS, COMPARISON_MS, OUTPUT_MS] = [10_000, 10_000, 2_000];
    const longestMs = DISK_MS + SHUTDOWN_CAMERAS_MS + SHUTDOWN_LOGS_MS + COMPARISON_MS + OUTPUT_MS;
    expect(Number(settingIn(ofTheSystem, 'TimeoutStopSec')) * 1000).toBeGreaterThan(longestMs);
  });

  it('knows whether somebody has changed it', () => {
    expect([ofTheSystem, ofAUser].every((text) => isUntouched(text))).toBe(true);
    const changed = [ofTheSystem.replace('RestartSec=2', 'RestartSec=3'), `${ofAUser}\n`, ofAUser.slice(1), '', '\n'];
    expect(changed.filter((text) => isUntouched(text))).toEqual([]);
  });
});
