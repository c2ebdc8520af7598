import { isEnd, type ApplicationLine, type CommandStep, type LostLines } from './command-step.js';

/** One life of a command: from its arrival to its end. An id that was used again has another one. */
export interface CommandLife {
  readonly steps: CommandStep[];
  /** Steps beyond `MAX_STEPS`. */
  moreSteps: number;
  /** What `csicameras.log` said meanwhile, of this camera or of none. */
  readonly log: ApplicationLine[];
  moreLog: number;
  /** Lines that were lost in `commands.jsonl` meanwhile. */
  readonly lost: LostLines[];
  /** When the process that had it was followed by another one; `null` where that was not seen. */
  abandonedMs: number | null;
}

const MAX_STEPS = 1000;
const MAX_LOG = 200;
/** The answer of a command is logged within its end's turn; a disk that waits makes it later. */
const AFTER_END_MS = 1000;

/** Puts the steps of one id into lives, in the order of the log. */
export class CommandLives {
  readonly lives: CommandLife[] = [];

  push(step: CommandStep): CommandLife {
    const last = this.lives.at(-1);
    const isNew = last === undefined || step.kind === 'command' || (step.kind === 'state' && endOf(last) !== undefined);
    const life = isNew ? newLife() : last;
    if (isNew) this.lives.push(life);
    if (life.steps.length < MAX_STEPS || isEnd(step)) life.steps.push(step);
    else life.moreSteps += 1;
    return life;
  }

  /** Another process began: what is open now stays so. */
  began(atMs: number): void {
    const last = this.lives.at(-1);
    if (last !== undefined && endOf(last) === undefined) last.abandonedMs ??= atMs;
  }
}

function newLife(): CommandLife {
  return { steps: [], moreSteps: 0, log: [], moreLog: 0, lost: [], abandonedMs: null };
}

export function endOf({ steps }: CommandLife): CommandStep | undefined {
  return steps.find(isEnd);
}

export function beginMs({ steps }: CommandLife): number {
  return steps[0]?.atMs ?? 0;
}

/** The time that belongs to it. One without an end goes on to the next process, or until now. */
function untilMs(life: CommandLife): number {
  const last = life.steps.at(-1)?.atMs ?? 0;
  if (endOf(life) !== undefined) return last;
  return life.abandonedMs ?? Infinity;
}

/** Lines of the application's log, in any order of files. */
export function addLog(lives: readonly CommandLife[], line: ApplicationLine): void {
  for (const life of lives) {
    if (line.atMs < beginMs(life) || line.atMs > untilMs(life) || !isAbout(life, line)) continue;
    if (life.log.length < MAX_LOG) life.log.push(line);
    else life.moreLog += 1;
  }
}

/** A gap in the log of commands: what of a life was lost, nobody knows. */
export function addLost(lives: readonly CommandLife[], lost: LostLines): void {
  for (const life of lives) {
    if (lost.atMs >= beginMs(life) && lost.sinceMs <= untilMs(life) + AFTER_END_MS) life.lost.push(lost);
  }
}

/** Where the command named cameras, lines about others are left out. */
export function isAbout(life: CommandLife, { device }: ApplicationLine): boolean {
  const named = devicesOf(life);
  return device === null || named.size === 0 || named.has(device);
}

function devicesOf({ steps }: CommandLife): ReadonlySet<string> {
  const named = new Set<string>();
  for (const { kind, record } of steps) {
    const { payload } = record;
    if (kind === 'state' || typeof payload !== 'object' || payload === null) continue;
    const { device_id: device } = payload as { readonly device_id?: unknown };
    if (typeof device === 'string') named.add(device);
  }
  return named;
}

/** What is missing or odd, as sentences. */
export function remarksOn(life: CommandLife): string[] {
  const { steps, moreSteps, moreLog, lost, abandonedMs } = life;
  const end = endOf(life);
  const hasAnswer = steps.some(({ kind }) => kind === 'status');
  const lines = lost.reduce((sum, one) => sum + one.lines, 0);
  return [
    steps[0]?.kind === 'command' ? '' : 'Its beginning is not in the logs: it was rotated away, or lost.',
    steps.some(({ record }) => record['cut'] === true) ? 'A line was too long for the log and was cut.' : '',
    lines === 0 ? '' : `${lines} lines of commands.jsonl were lost meanwhile: a step may be missing.`,
    moreSteps === 0 ? '' : `${moreSteps} more steps are not shown.`,
    moreLog === 0 ? '' : `${moreLog} more lines of csicameras.log are not shown.`,
    hasAnswer || end === undefined ? '' : 'It has an end, but no answer is in the log.',
    end === undefined && abandonedMs === null ? 'It has no end yet.' : '',
    end === undefined && abandonedMs !== null ? 'It has no end: its process ended before.' : '',
  ].filter(Boolean);
}
