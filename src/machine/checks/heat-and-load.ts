import { join } from 'node:path';
import { byLimit, note, ok, unknown, warn, type Finding, type Level } from '../finding.js';
import { namesIn, readNumber, readText, type Machine } from '../machine.js';

/** How warm and how busy the machine is. */

/** Degrees Celsius. At 85 a Raspberry Pi throttles hard; at 80 it begins. */
const WARM = [
  [85, 'fail'],
  [80, 'warn'],
  [70, 'note'],
] as const;

export async function checkTemperature({ roots: { sys } }: Machine): Promise<Finding> {
  const folder = join(sys, 'class/thermal');
  const found: { type: string; degrees: number }[] = [];
  for (const name of (await namesIn(folder)).filter((one) => one.startsWith('thermal_zone'))) {
    const thousandths = await readNumber(join(folder, name, 'temp'));
    const type = (await readText(join(folder, name, 'type')))?.trim() ?? '';
    if (thousandths !== undefined) found.push({ type, degrees: thousandths / 1000 });
  }
  const processor = found.filter(({ type }) => /^(?:cpu|x86_pkg)/.test(type));
  const degrees = Math.max(...(processor.length > 0 ? processor : found).map((zone) => zone.degrees));
  if (!Number.isFinite(degrees)) return unknown('No temperature is told.');
  const level = byLimit(degrees, WARM);
  const message = `The processor has ${degrees.toFixed(1)} degrees Celsius.`;
  return { level, message, advice: level === 'ok' ? '' : COOL[level], facts: { degrees } };
}

const COOL: Readonly<Record<Exclude<Level, 'ok'>, string>> = {
  unknown: '',
  note: 'It is warm before the work begins: give it air.',
  warn: 'It begins to slow down: cool it before the experiment.',
  fail: 'It slows down hard: cool it (a fan, a heat sink, air), and wait until it is below 70.',
};

export async function checkGovernor({ roots: { sys } }: Machine): Promise<Finding> {
  const folder = join(sys, 'devices/system/cpu/cpu0/cpufreq');
  const governor = (await readText(join(folder, 'scaling_governor')))?.trim() ?? '';
  if (!/^[a-z_]{1,40}$/.test(governor)) return unknown('The system tells no governor.');
  const driver = (await readText(join(folder, 'scaling_driver')))?.trim() ?? '';
  const facts = { governor };
  // Under these drivers the hardware chooses the clock, whatever the name.
  const isActive = /^(?:intel_pstate|amd-pstate-epp)$/.test(driver);
  if (governor === 'powersave' && !isActive) {
    return warn(
      'The processor is held at its lowest clock (powersave).',
      'echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor',
      facts,
    );
  }
  if (governor === 'conservative' || governor === 'userspace') {
    return note(`The clock of the processor rises late (${governor}).`, 'The governor performance is safer.', facts);
  }
  return ok(`The processor's clock follows its work (${governor}).`, facts);
}

export async function checkLoad({ roots: { proc } }: Machine): Promise<Finding> {
  const load = Number(/^(\d+\.\d+) /.exec((await readText(join(proc, 'loadavg'))) ?? '')?.[1]);
  const processors = (await readText(join(proc, 'stat')))?.match(/^cpu\d+ /gm)?.length ?? 0;
  if (Number.isNaN(load) || processors === 0) return unknown('The load is not told.');
  const level = byLimit(load / processors, [
    [1, 'warn'],
    [0.7, 'note'],
  ]);
  const message = `The load of the last minute is ${load.toFixed(2)} on ${processors} processors.`;
  const advice = level === 'ok' ? '' : 'See what runs (top), and end what the experiment does not need.';
  return { level, message, advice, facts: { load, processors } };
}

/** Per cent of the last minute in which work had to wait. */
const PRESSURES = [
  { file: 'cpu', line: 'some', what: 'the processor', note: 25, warn: 60 },
  { file: 'io', line: 'full', what: 'the disk', note: 5, warn: 20 },
  { file: 'memory', line: 'full', what: 'memory', note: 1, warn: 10 },
] as const;

export async function checkPressure({ roots: { proc } }: Machine): Promise<Finding> {
  let worst: Finding | undefined;
  const facts: Record<string, number> = {};
  for (const { file, line, what, ...limits } of PRESSURES) {
    const text = (await readText(join(proc, 'pressure', file))) ?? '';
    const share = new Map(
      [...text.matchAll(/^(some|full) .*avg60=(\d+\.\d+)/gm)].map(([, name, value]) => [name, value]),
    );
    const percent = Number(share.get(line));
    if (Number.isNaN(percent)) continue;
    facts[file] = percent;
    const level = byLimit(percent, [
      [limits.warn, 'warn'],
      [limits.note, 'note'],
    ]);
    if (level === 'ok' || worst?.level === 'warn') continue;
    const message = `Programs waited for ${what} in ${percent} % of the last minute.`;
    const advice = 'See what runs (top, iotop), and end what the experiment does not need.';
    if (worst === undefined || level === 'warn') worst = { level, message, advice, facts };
  }
  if (worst !== undefined) return worst;
  if (Object.keys(facts).length === 0) return unknown('The kernel does not tell its pressure (psi=1 turns it on).');
  return ok('Programs hardly wait for processor, disk or memory.', facts);
}
