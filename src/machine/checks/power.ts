import { join } from 'node:path';
import { fail, note, ok, unknown, warn, type Finding } from '../finding.js';
import { namesIn, readBytes, readNumber, readText, type Machine } from '../machine.js';
import type { Plan } from '../plan.js';

/** The supply. A Raspberry Pi with too little slows down, and loses cards and cameras. */

/** Bits of `vcgencmd get_throttled` (Raspberry Pi documentation, "vcgencmd"); 16 higher: since the start. */
const UNDER_VOLTAGE = 1;
const CAPPED = 2;
const THROTTLED = 4;
const SOFT_LIMIT = 8;
const SINCE_START = 16;

const BETTER_SUPPLY = 'Use the supply made for this Pi, and a short, thick cable.';

/** What a Pi 5 wants: 5 A. With less it gives its USB ports 600 mA together. */
const WANTED_MA = 5000;

export async function checkUnderVoltage(machine: Machine, _plan: Plan, signal: AbortSignal): Promise<Finding> {
  const alarm = (await alarmOfHwmon(machine.roots.sys)) ?? bitOf(await throttledBits(machine, signal), UNDER_VOLTAGE);
  if (typeof alarm === 'string') return unknown(`Nobody tells of the voltage: ${alarm}.`);
  if (alarm) return fail('The voltage is too low now.', BETTER_SUPPLY);
  return ok('The voltage is good now.');
}

export async function checkThrottling(machine: Machine, _plan: Plan, signal: AbortSignal): Promise<Finding> {
  const bits = await throttledBits(machine, signal);
  if (typeof bits === 'string') return unknown(`Nobody tells what happened since the start: ${bits}.`);
  const facts = { throttled: `0x${bits.toString(16)}` };
  const before = bits >>> SINCE_START;
  if ((before & UNDER_VOLTAGE) !== 0) {
    return warn('The voltage was too low since the start.', `${BETTER_SUPPLY} A restart forgets it.`, facts);
  }
  if (((bits | before) & (CAPPED | THROTTLED)) !== 0) {
    const when = (bits & (CAPPED | THROTTLED)) === 0 ? 'was slowed down since the start' : 'is slowed down now';
    return warn(`The processor ${when}.`, 'Cool it: a heat sink or a fan, and air around it.', facts);
  }
  if (((bits | before) & SOFT_LIMIT) !== 0) {
    return note('The processor reached its soft temperature limit.', 'Cool it before a long experiment.', facts);
  }
  return ok('Neither voltage nor heat slowed the processor since the start.', facts);
}

export async function checkSupply({ roots: { proc } }: Machine): Promise<Finding> {
  const model = (await readText(join(proc, 'device-tree/model')))?.replaceAll('\0', '') ?? '';
  if (!/Raspberry Pi (?:Compute Module )?5/.test(model)) return unknown('Only a Raspberry Pi 5 tells of its supply.');
  const bytes = await readBytes(join(proc, 'device-tree/chosen/power/max_current'));
  if (bytes?.length !== 4) return unknown('The firmware does not tell of the supply.');
  const milliamperes = bytes.readUInt32BE();
  const facts = { milliamperes };
  const amperes = `${milliamperes / 1000} A`;
  if (milliamperes >= WANTED_MA) return ok(`The supply promises ${amperes}.`, facts);
  if (milliamperes === 0) {
    return note(
      'The supply does not say what it gives.',
      'It must give 5 A: a Pi 5 with a disk on USB needs them.',
      facts,
    );
  }
  return warn(`The supply promises ${amperes} only.`, 'Use one of 5 A: with less, disks on USB drop out.', facts);
}

/** Whether the kernel's voltage monitor raises its alarm; `undefined` where there is none. */
async function alarmOfHwmon(sys: string): Promise<boolean | undefined> {
  const folder = join(sys, 'class/hwmon');
  for (const name of await namesIn(folder)) {
    if ((await readText(join(folder, name, 'name')))?.trim() !== 'rpi_volt') continue;
    const alarm = await readNumber(join(folder, name, 'in0_lcrit_alarm'));
    if (alarm !== undefined) return alarm !== 0;
  }
  return undefined;
}

/** The bits, or why there are none. */
async function throttledBits(machine: Machine, signal: AbortSignal): Promise<number | string> {
  const answer = await machine.tool('vcgencmd', ['get_throttled'], signal);
  if (answer.output === null) return answer.why;
  const bits = /^throttled=0x([0-9a-f]{1,8})\s*$/i.exec(answer.output)?.[1];
  return bits === undefined ? 'vcgencmd says nothing of use' : Number.parseInt(bits, 16);
}

function bitOf(bits: number | string, bit: number): boolean | string {
  return typeof bits === 'string' ? bits : (bits & bit) !== 0;
}
