/** Which mount a folder lies on, by /proc/self/mountinfo (proc(5)). */

export interface Mount {
  readonly point: string;
  readonly type: string;
  /** Of the mount and of the file system behind it. */
  readonly options: readonly string[];
}

/** The mount of an absolute path without links; `undefined` where none is told. */
export function mountOf(mountinfo: string, path: string): Mount | undefined {
  let found: Mount | undefined;
  for (const line of mountinfo.split('\n')) {
    const mount = mountIn(line);
    if (mount === undefined || !isWithin(path, mount.point)) continue;
    // Of two mounts on one place the later line lies above.
    if (found === undefined || mount.point.length >= found.point.length) found = mount;
  }
  return found;
}

/** `36 35 98:0 / /mnt rw,noatime shared:1 - ext4 /dev/sda1 rw,errors=continue` */
function mountIn(line: string): Mount | undefined {
  const fields = line.split(' ');
  const separator = fields.indexOf('-', 6);
  const [point, options] = [fields[4], fields[5]];
  const [type, , superOptions = ''] = separator === -1 ? [] : fields.slice(separator + 1);
  if (point === undefined || options === undefined || type === undefined) return undefined;
  return { point: plain(point), type, options: [...options.split(','), ...superOptions.split(',')] };
}

/** Spaces and the like are octal. */
function plain(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function isWithin(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}
