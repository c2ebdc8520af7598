import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as lookAgain } from 'node:timers/promises';

/** What a process holds: open files and sockets, and children. */
export interface Holdings {
  readonly descriptors: readonly string[];
  readonly children: readonly string[];
}

/** What this process holds now (Linux: /proc). */
export function holdings(pid = process.pid): Holdings {
  return { descriptors: descriptorsOf(pid), children: childrenOf(pid) };
}

/** What ends a thread or a child closes its descriptors a moment later. */
const PATIENCE_MS = 2_000;
const LOOK_AGAIN_MS = 20;

/** Fails when this process goes on holding more than before: nothing may be left after a test. */
export async function expectNothingLeft(before: Holdings): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  for (let left = leftSince(before); left !== undefined; left = leftSince(before)) {
    if (performance.now() > endMs) throw new Error(left);
    await lookAgain(LOOK_AGAIN_MS);
  }
}

/** What is held that was not before, as a sentence. */
function leftSince(before: Holdings): string | undefined {
  const now = holdings();
  const newChildren = now.children.filter((child) => !before.children.includes(child));
  if (newChildren.length > 0) return `Processes were left: ${newChildren.join('; ')}`;
  const leftOpen = [...now.descriptors];
  for (const known of before.descriptors) {
    const at = leftOpen.indexOf(known);
    if (at !== -1) leftOpen.splice(at, 1);
  }
  const ours = leftOpen.filter(
    (name) => name.startsWith('/') && !name.startsWith('/proc') && !name.includes('/node_modules/'),
  );
  return ours.length === 0 ? undefined : `Files were left open: ${ours.join('; ')}`;
}

function descriptorsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((descriptor) => {
    try {
      return [readlinkSync(`${folder}/${descriptor}`)];
    } catch {
      // The descriptor of this very listing is closed again by now.
      return [];
    }
  });
}

/** Children and their children, as `pid command line`; those of another process group are found too. */
function childrenOf(pid: number): string[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state !== 'Z') parents.set(Number(entry), Number(parent));
    } catch {
      // It ended while we looked.
    }
  }
  const isDescendant = (candidate: number): boolean => {
    const parent = parents.get(candidate);
    return parent !== undefined && parent !== 0 && (parent === pid || isDescendant(parent));
  };
  return [...parents.keys()].filter(isDescendant).map((child) => `${child} ${commandLineOf(child)}`);
}

function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '(ended)';
  }
}
