// @ts-check
import { spread } from '../statistics.mjs';
import { spreadText, table } from '../table.mjs';
import { verdictOf } from './difference.mjs';

/** What a person reads of two builds beside each other: Markdown. Pure. */

/**
 * @typedef {object} Against
 * @property {string} present this build's version
 * @property {string} other the other revision
 * @property {string} fileSystem
 * @property {import('../statistics.mjs').Spread} othersPercent what other programs had of the machine's CPU meanwhile
 * @property {Readonly<{ present: number, other: number }>} lost frames that recordings lack
 * @property {readonly import('./difference.mjs').Difference[]} differences
 */

/**
 * @param {Against} against
 * @returns {string}
 */
export function againstText({ present, other, fileSystem, othersPercent, lost, differences }) {
  const rows = differences.map((difference) => [
    difference.what,
    spreadText(difference.present, difference.digits),
    spreadText(difference.other, difference.digits),
    `${spreadText(spread(difference.percents), 1)} %`,
  ]);
  const rounds = Math.max(...differences.map(({ percents }) => percents.length));
  const lostText =
    lost.present + lost.other === 0
      ? ''
      : `**Frames lost: ${lost.present} by this build, ${lost.other} by the other.**\n`;
  return [
    `# ${present} against ${other}\n`,
    `One camera at 60 fps, to ${fileSystem}, in turns. Median (min to max) of ${rounds} rounds. Other programs had ${spreadText(othersPercent, 0)} % of the machine's CPU.\n`,
    ...(lostText === '' ? [] : [lostText]),
    table(['', 'this', 'that', 'difference, round by round'], rows),
    differences.map((difference) => `- ${difference.what}: ${verdictOf(difference.percents)}.\n`).join(''),
    'What the figures mean: `docs/bench.md`.\n',
  ].join('\n');
}
