import { fail, note, ok, warn, type Finding } from '../finding.js';
import type { Machine } from '../machine.js';
import type { Plan } from '../plan.js';
import { cleanText } from '../clean-text.js';

/** The programs that record. */

const LEAST_NODE = 20;

export function checkNode({ nodeVersion }: Machine): Promise<Finding> {
  const major = Number(/^\d+/.exec(nodeVersion)?.[0] ?? 0);
  const facts = { version: nodeVersion };
  if (major >= LEAST_NODE) return Promise.resolve(ok(`Node.js ${nodeVersion}.`, facts));
  return Promise.resolve(fail(`Node.js ${nodeVersion} is too old.`, `Install Node.js ${LEAST_NODE} or later.`, facts));
}

export async function checkTool(machine: Machine, { isVirtual }: Plan, signal: AbortSignal): Promise<Finding> {
  const answer = await machine.captureTool(['--version'], signal);
  if (answer.output === null) {
    return fail(
      `The capture tool does not tell its version: ${answer.why}.`,
      'Install rpicam-apps (sudo apt install rpicam-apps) or name the tool with --capture-tool.',
    );
  }
  const [, name = '', version = ''] =
    /\b((?:rpicam|libcamera)-apps) build: (v?[\w.+-]{1,40})/.exec(answer.output) ?? [];
  if (isVirtual) {
    return note('The virtual camera stands in: nothing is said of real cameras.', 'Leave out --simulate.', {});
  }
  if (name === '') {
    const said = cleanText(answer.output.split('\n')[0] ?? '', 60);
    return warn(
      `The capture tool is no rpicam-apps: it says "${said}".`,
      'Check that --capture-tool names a tool that takes the options of rpicam-vid.',
      { said },
    );
  }
  const facts = { name, version };
  if (name === 'libcamera-apps') {
    return note(
      `The capture tool is ${name} ${version}, of before 2024.`,
      'Update it when there is time: sudo apt full-upgrade.',
      facts,
    );
  }
  return ok(`The capture tool is ${name} ${version}.`, facts);
}
