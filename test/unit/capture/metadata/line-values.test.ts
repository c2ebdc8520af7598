import { describe, expect, it } from '@jest/globals';
import { LineText } from '../../../../src/capture/metadata/line-text.js';
import { SensorRectangle } from '../../../../src/capture/metadata/value-lists.js';

describe('the rectangle of a metadata line', () => {
  it('is read anew from a line that is the beginning of the last one', () => {
    const rectangle = new SensorRectangle();
    for (const [text, value] of [
      ['(0, 0)/1456x1088', [0, 0, 1456, 1088]],
      ['(0, 0)/1456x108', [0, 0, 1456, 108]],
      ['(0, 0)/1456x1', [0, 0, 1456, 1]],
      ['(0, 0)/1456x', null],
      ['(0, 0)/1456x10', [0, 0, 1456, 10]],
    ] as const) {
      rectangle.begin();
      rectangle.read(Buffer.from(text), 0, text.length);
      expect(rectangle.value).toEqual(value);
    }
  });

  it.each(['(0, 0)/1456x0', '(0, 0)/0x1088', '(0, 0)/0x0'])('is none where a side has no length: %s', (text) => {
    const rectangle = new SensorRectangle();
    rectangle.begin();
    rectangle.read(Buffer.from(text), 0, text.length);
    expect(rectangle.value).toBeNull();
  });
});

describe('the text of metadata lines', () => {
  it('is whole whatever its length, also where only the line break has no room', () => {
    for (let length = 1000; length < 1100; length += 1) {
      const lines = [Buffer.alloc(1000, 'a'), Buffer.alloc(length, 'b'), Buffer.from('c')];
      const text = new LineText();
      text.begin();
      for (const line of lines) text.add(line, 0, line.length);
      expect(text.text).toBe(lines.join('\n'));
    }
  });
});
