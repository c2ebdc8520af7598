import { relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { Session } from '../../../src/module/session.js';

function begin(session: Session, path?: string): string | null {
  return session.enter({ kind: 'begin', path }).directory;
}

function refusal(session: Session, path: string): string {
  return session.enter({ kind: 'begin', path }).error?.code ?? 'accepted';
}

describe('Session', () => {
  it.each([
    ['/elsewhere/session_1', '/elsewhere/session_1'],
    ['/elsewhere/x/../session_1/', '/elsewhere/session_1'],
    ['session_1', '/data/session_1'],
    ['a/../b', '/data/b'],
    ['.', '/data'],
    ['..session', '/data/..session'],
  ])('takes %p for %p', (path, directory) => {
    const session = new Session('/data');
    expect(session.directory).toBeNull();
    expect(begin(session, path)).toBe(directory);
    expect(session.directory).toBe(directory);
  });

  it.each([['..'], ['../data2'], ['a/../../b'], ['./../data/../x']])(
    'refuses %p: it leaves the data directory',
    (path) => {
      const session = new Session('/data');
      begin(session, 'before');
      expect(refusal(session, path)).toBe('invalid_session_dir');
      expect(session.directory).toBe('/data/before');
    },
  );

  it('refuses relative paths where there is no data directory', () => {
    const session = new Session(undefined);
    expect(refusal(session, 'session_1')).toBe('invalid_session_dir');
    expect(begin(session, '/session_1')).toBe('/session_1');
  });

  it('keeps every relative path that it accepts inside the data directory', () => {
    const piece = fc.constantFrom('..', '.', '', 'a', '...', '..b', '~', '\\..', ' ');
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 8 }), (pieces) => {
        const path = pieces.join('/');
        if (path.startsWith('/')) return;
        const session = new Session('/data/dir');
        if (refusal(session, path) !== 'accepted') return;
        expect(relative('/data/dir', session.directory ?? '')).not.toMatch(/^\.\.(\/|$)/);
      }),
    );
  });

  it('forgets the directory at its end', () => {
    const session = new Session('/data');
    begin(session, 'a');
    session.enter({ kind: 'end' });
    expect(session.directory).toBeNull();
  });

  it('gives each command the directory of its arrival, also where that of an earlier one is refused', () => {
    const session = new Session('/data');
    const first = session.enter({ kind: 'begin', path: 'a' });
    const second = session.enter({ kind: 'none' });
    const refused = session.enter({ kind: 'begin', path: '../b' });
    const ended = session.enter({ kind: 'end' });
    expect(session.enter({ kind: 'none' })).toEqual({ directory: null, error: null });
    expect([first, second, ended].map(({ directory }) => directory)).toEqual(['/data/a', '/data/a', null]);
    expect(refused).toMatchObject({ directory: '/data/a', error: { code: 'invalid_session_dir' } });
  });

  it('begins in the data directory where no path is named, and refuses that where there is none', () => {
    expect(begin(new Session('/data'))).toBe('/data');
    expect(new Session(undefined).enter({ kind: 'begin', path: undefined })).toMatchObject({
      directory: null,
      error: { code: 'no_session_dir' },
    });
  });

  it("counts trials on from the host's last number", () => {
    const session = new Session('/data');
    expect([session.countTrial(undefined), session.countTrial(undefined)]).toEqual([1, 2]);
    expect([session.countTrial(7), session.countTrial(undefined)]).toEqual([7, 8]);
    expect([session.countTrial(0), session.countTrial(undefined)]).toEqual([0, 1]);
  });
});
