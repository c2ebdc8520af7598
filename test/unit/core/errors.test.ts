import { open } from 'node:fs/promises';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import {
  CsiCamerasError,
  errnoOf,
  ERRNO_MEANINGS,
  ERROR_ADVICE,
  ERROR_CODES,
  errorWithAdvice,
  fileError,
  isFileSizeLimit,
  messageOf,
} from '../../../src/core/errors.js';
import { describeOptions } from '../../../src/protocol/config.js';

const thrownWith = (code: string): Error => Object.assign(new Error(`${code}: no`), { code });

describe('ERROR_ADVICE', () => {
  it('has a whole sentence for every code', () => {
    for (const code of ERROR_CODES) expect(ERROR_ADVICE[code]).toMatch(/^[A-Z].*\.$/);
  });

  it('names only options that exist', () => {
    const options = describeOptions().map(({ path }) => path);
    for (const advice of Object.values<string>(ERROR_ADVICE)) {
      const named = advice.match(/\b(camera|recording|preview|buffer|reconnect|logs)\.[a-z]\w+/g) ?? [];
      for (const path of named) expect(options).toContain(path);
    }
  });
});

describe('CsiCamerasError', () => {
  it('crosses threads as data', () => {
    const error = new CsiCamerasError('disk_full', 'No space.', { path: '/data' }, { cause: thrownWith('ENOSPC') });
    const data = { code: 'disk_full', message: 'No space.', context: { path: '/data' } };
    expect(error.toData()).toEqual(data);
    expect(structuredClone(error.toData())).toEqual(data);
  });
});

describe('errorWithAdvice', () => {
  it('says what happened and what to do', () => {
    const error = errorWithAdvice('no_device', 'picam:3 is not assigned.');
    expect(error.message).toBe(`picam:3 is not assigned. ${ERROR_ADVICE.no_device}`);
    expect(error.context).toEqual({});
    expect(error.cause).toBeUndefined();
  });
});

describe('errnoOf', () => {
  it.each([
    [thrownWith('EACCES'), 'EACCES'],
    [{ code: 5 }, undefined],
    [new Error('none'), undefined],
    ['EACCES', undefined],
    [null, undefined],
  ])('of %p is %p', (thrown, errno) => {
    expect(errnoOf(thrown)).toBe(errno);
  });
});

describe('messageOf', () => {
  it('finds the text of whatever was thrown', async () => {
    const ofNode = await open('/nonexistent/file').catch((thrown: unknown) => thrown);
    expect(messageOf(ofNode)).toMatch(/^ENOENT/);
    expect(messageOf(runInNewContext('new TypeError("of another realm")'))).toBe('of another realm');
    expect(messageOf('a text')).toBe('a text');
    expect(messageOf(undefined)).toBe('undefined');
  });

  it('never throws, whatever was thrown', () => {
    const unreadable = Object.create(null) as object;
    expect(messageOf(unreadable)).toBe('no reason given');
    expect(messageOf(Object.assign(new Error('x'), { message: Symbol('odd') }))).toBe('Symbol(odd)');
    expect(messageOf(Object.assign(new Error('x'), { message: unreadable }))).toBe('no reason given');
  });
});

describe('fileError', () => {
  it.each([
    ['ENOSPC', 'disk_full', 'The disk is full: free some space'],
    ['EDQUOT', 'disk_full', "The user's quota on this disk is used up"],
    ['EFBIG', 'io_error', 'The largest file size of the file system or of the process is reached'],
    ['EROFS', 'io_error', 'The disk is mounted read-only'],
    ['ENXIO', 'io_error', 'The disk is gone: check that it is plugged in'],
    ['ENODEV', 'io_error', 'The disk is gone: check that it is plugged in'],
    ['EIO', 'io_error', 'The disk failed: check the card or the drive'],
    ['EMFILE', 'io_error', 'Too many files are open'],
    ['EACCES', 'io_error', 'The system does not allow it'],
  ])('turns %s into %s with its context and says what is true of it', (errno, code, advice) => {
    const thrown = thrownWith(errno);
    const error = fileError('write', '/data/a.avi', thrown, { trial: 3 });
    expect(error.code).toBe(code);
    expect(error.message.startsWith(`write failed for /data/a.avi (${errno}). ${advice}`)).toBe(true);
    expect(error.context).toEqual({ trial: 3, operation: 'write', path: '/data/a.avi', errno });
    expect(error.cause).toBe(thrown);
  });

  it('has a whole sentence for every errno that it knows', () => {
    for (const errno of Object.keys(ERRNO_MEANINGS)) {
      expect(fileError('write', '/data/a.avi', thrownWith(errno)).message).toMatch(/\(E[A-Z]+\)\. [A-Z].*\.$/);
    }
  });

  it('says so where there is no errno, and leaves our own errors as they are', () => {
    expect(fileError('open', '/x', 'oops').context).toMatchObject({ errno: 'unknown' });
    const ours = errorWithAdvice('disk_low', 'Little space.');
    expect(fileError('open', '/x', ours)).toBe(ours);
  });
});

describe('isFileSizeLimit', () => {
  it('is true of a file that cannot grow, and of nothing else', () => {
    expect(isFileSizeLimit(fileError('truncate', '/data/a.avi', thrownWith('EFBIG')))).toBe(true);
    expect(isFileSizeLimit(fileError('truncate', '/data/a.avi', thrownWith('ENOSPC')))).toBe(false);
    expect(isFileSizeLimit(thrownWith('EFBIG'))).toBe(false);
  });
});
