import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What a process holds: open files and sockets, and children. */
export interface Holdings {
  readonly descriptors: readonly string[];
  readonly children: readonly string[];
}

/** What this process holds now (Linux: /proc). */
export function holdings(pid = process.pid): Holdings {
  return { descriptors: descriptorsOf(pid), children: childrenOf(pid) };
}

/** Fails when this process holds more than before: nothing may be left after a test. */
export function expectNothingLeft(before: Holdings): void {
  const now = holdings();
  const newChildren = now.children.filter((child) => !before.children.includes(child));
  if (newChildren.length > 0) throw new Error(`Processes were left: ${newChildren.join('; ')}`);
  const leftOpen = [...now.descriptors];
  for (const known of before.descriptors) {
    const at = leftOpen.indexOf(known);
    if (at !== -1) leftOpen.splice(at, 1);
  }
  const ours = leftOpen.filter(
    (name) => name.startsWith('/') && !name.startsWith('/proc') && !name.includes('/node_modules/'),
  );
  if (ours.length > 0) throw new Error(`Files were left open: ${ours.join('; ')}`);
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
