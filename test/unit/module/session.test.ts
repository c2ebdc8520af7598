import { relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { CsiCamerasError } from '../../../src/core/errors.js';
import { Session } from '../../../src/module/session.js';

function refusal(session: Session, path: string): string {
  try {
    session.begin(path);
  } catch (thrown) {
    if (thrown instanceof CsiCamerasError) return thrown.code;
  }
  return 'accepted';
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
    expect(session.begin(path)).toBe(directory);
    expect(session.directory).toBe(directory);
  });

  it.each([['..'], ['../data2'], ['a/../../b'], ['./../data/../x']])(
    'refuses %p: it leaves the data directory',
    (path) => {
      const session = new Session('/data');
      session.begin('before');
      expect(refusal(session, path)).toBe('invalid_session_dir');
      expect(session.directory).toBe('/data/before');
    },
  );

  it('refuses relative paths where there is no data directory', () => {
    const session = new Session(undefined);
    expect(refusal(session, 'session_1')).toBe('invalid_session_dir');
    expect(session.begin('/session_1')).toBe('/session_1');
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
    session.begin('a');
    session.end();
    expect(session.directory).toBeNull();
  });

  it("counts trials on from the host's last number", () => {
    const session = new Session('/data');
    expect([session.countTrial(undefined), session.countTrial(undefined)]).toEqual([1, 2]);
    expect([session.countTrial(7), session.countTrial(undefined)]).toEqual([7, 8]);
    expect([session.countTrial(0), session.countTrial(undefined)]).toEqual([0, 1]);
  });
});
