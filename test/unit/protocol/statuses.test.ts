import { describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import { STATUS_NAMES, STATUSES } from '../../../src/protocol/statuses.js';

interface Shape {
  readonly type: string;
  readonly wrapped?: Shape;
  readonly item?: Shape;
  readonly value?: Shape;
  readonly entries?: Readonly<Record<string, Shape>>;
}

/** The schemas of all numbers below a schema, by their paths. */
function numbersOf(shape: Shape, path: string): [string, v.GenericSchema][] {
  if (shape.type === 'strict_object') return []; // settings keep the digits with which they were set
  const inner = shape.wrapped ?? shape.item ?? (shape.type === 'record' ? shape.value : undefined);
  if (inner !== undefined) return numbersOf(inner, path);
  if (shape.entries !== undefined) {
    return Object.entries(shape.entries).flatMap(([name, entry]) => numbersOf(entry, `${path}.${name}`));
  }
  return shape.type === 'number' ? [[path, shape as unknown as v.GenericSchema]] : [];
}

describe('the numbers of statuses', () => {
  const numbers = STATUS_NAMES.flatMap((name) => numbersOf(STATUSES[name] as unknown as Shape, name));

  it('are many', () => {
    expect(numbers.length).toBeGreaterThan(60);
  });

  it.each(numbers)('%s has no more digits than it has meaning', (_path, schema) => {
    expect(v.safeParse(schema, 30.000_300_002_999_87).success).toBe(false);
    expect(v.safeParse(schema, 30).success).toBe(true);
  });
});
