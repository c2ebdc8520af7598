import { createHash } from 'node:crypto';
import { isAbsolute } from 'node:path';
import { VERSION } from '../../core/own-package.js';
import { argumentWord, pathWord } from './unit-words.js';

/** The text of the unit. It depends on nothing but what is given. */

export interface UnitOptions {
  /** Without `.service`. */
  readonly name: string;
  /** Of `systemctl --user`. */
  readonly isForUser: boolean;
  /** Who records. Only of a unit of the system. */
  readonly user: string;
  /** Absolute paths. */
  readonly node: string;
  readonly main: string;
  /** What follows `record`. */
  readonly record: readonly string[];
  /** The session directory. Where it is not absolute, it is below the home directory. */
  readonly out: string;
}

/**
 * An ordered end takes a tenth of a second. Where nothing answers, it takes 10 s for the disk, 1.75 s for the cameras and the
 * logs (`closing-budget.ts`), 10 s for the comparison of cameras and 2 s for what is printed.
 */
const STOP_S = 30;
const WATCHDOG_S = 30;
/** What was recorded is safe a moment after the death of a process: the shorter the better. */
const RESTART_S = 2;

const MARK = '# Made by csi-cameras service. SHA-256 of what follows: ';

/** What a unit says, and a first line with which it is seen whether somebody has changed it. */
export function unitText(options: UnitOptions): string {
  const body = bodyOf(options);
  return `${MARK}${digestOf(body)}\n${body}`;
}

/** Whether this is the text of a unit that was made here and that nobody has changed. */
export function isUntouched(text: string): boolean {
  const end = text.indexOf('\n');
  return text.slice(0, end) === `${MARK}${digestOf(text.slice(end + 1))}`;
}

/** What starts it with the machine. */
export function targetOf(isForUser: boolean): string {
  return isForUser ? 'default.target' : 'multi-user.target';
}

function digestOf(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}

function bodyOf(options: UnitOptions): string {
  const { name, isForUser } = options;
  return `# csi-cameras ${VERSION}. To change it: systemctl${isForUser ? ' --user' : ''} edit ${name}, or make it anew.
[Unit]
Description=Recording of CSI cameras (${name})
${mountsOf(options)}# Nobody is there to start it again: it never gives up.
StartLimitIntervalSec=0

[Service]
ExecStart=${commandOf(options)}
${isForUser ? '' : ofTheSystem(options)}WorkingDirectory=~
SyslogIdentifier=${name}

# It says that it is ready, what it does and that it lives, by systemd-notify.
Type=notify
NotifyAccess=all
WatchdogSec=${WATCHDOG_S}
# A process that hangs closes nothing any more. What it recorded is closed by the next one.
WatchdogSignal=SIGKILL

# Also after an end with success, such as that of --duration. Not after wrong usage, which stays wrong.
Restart=always
RestartSec=${RESTART_S}
RestartPreventExitStatus=2
# A capture tool that the kernel ended is started again by the recording itself.
OOMPolicy=continue

# The main process is asked, and ends its capture tools itself.
KillMode=mixed
KillSignal=SIGTERM
TimeoutStopSec=${STOP_S}

# No PrivateDevices, DevicePolicy or ProtectClock: each would hide the cameras.
# No MemoryDenyWriteExecute: Node.js compiles.
NoNewPrivileges=yes
LockPersonality=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
${isForUser ? '' : HARDENING}
[Install]
WantedBy=${targetOf(isForUser)}
`;
}

const HARDENING = `ProtectSystem=full
ProtectControlGroups=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
`;

/** A user's own systemd knows nothing of mounts. */
function mountsOf({ isForUser, out }: UnitOptions): string {
  if (isForUser || !isAbsolute(out)) return '';
  return `# The disk must be there: else the card would be filled in its place.\nRequiresMountsFor=${pathWord(out)}\n`;
}

function commandOf({ node, main, record }: UnitOptions): string {
  return [pathWord(node), ...[main, 'record', ...record].map((word) => argumentWord(word))].join(' ');
}

/** A user's own systemd may set none of these. */
function ofTheSystem({ user }: UnitOptions): string {
  return `User=${user}
# The group of the cameras, of the sensor's subdevices and of the memory for frames.
SupplementaryGroups=video
# The kernel ends others first.
OOMScoreAdjust=-500
`;
}
