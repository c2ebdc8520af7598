import { describe, expect, it } from '@jest/globals';
import { circlesIn, filesIn, importsOfFiles, insideOf, levelsOf, roomsOf } from '../../scripts/structure.mjs';

/** The house as a whole. What each room may import is lint's: oxlint.config.mjs. */
describe('the rooms of src/', () => {
  const imports = importsOfFiles();

  it('import each other and themselves without a circle, types included', () => {
    expect(imports.size).toBeGreaterThan(150);
    expect(circlesIn(imports)).toEqual([]);
  });

  it('have at most 24 files of their own', () => {
    const crowded = roomsOf(imports).filter((room) => filesIn(imports, room) > 24);
    expect(crowded).toEqual([]);
  });
});

describe('the count of imports', () => {
  const imports = new Map([
    ['a.ts', ['b/c.ts']],
    ['b/c.ts', ['b/d.ts']],
    ['b/d.ts', []],
  ]);

  it('finds a circle across rooms and names the way round it', () => {
    const circle = new Map([...imports, ['b/d.ts', ['a.ts']]]);
    expect(circlesIn(circle)).toEqual([['a.ts', 'b/c.ts', 'b/d.ts', 'a.ts']]);
    expect(circlesIn(imports)).toEqual([]);
  });

  it('takes a room within a room as one', () => {
    expect(insideOf(imports, '')).toEqual(
      new Map([
        ['a.ts', ['b']],
        ['b', []],
      ]),
    );
    expect(insideOf(imports, 'b')).toEqual(
      new Map([
        ['c.ts', ['d.ts']],
        ['d.ts', []],
      ]),
    );
  });

  it('counts the levels by the longest way', () => {
    expect(levelsOf(imports)).toBe(3);
    expect(roomsOf(imports)).toEqual(['', 'b']);
  });
});
