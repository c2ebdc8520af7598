/** A file whose content tells the running camera how to misbehave. */
import { readFileSync, statSync } from 'node:fs';

const POLL_MS = 20;

/** Content of the file, or '' where there is none. */
export function readControlFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // not there yet, or not any more: nothing is asked for
  }
}

/** When it was written last, as text that differs for every write. */
function versionOf(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat ? `${stat.ino} ${stat.mtimeNs} ${stat.size}` : '';
}

/**
 * Looks every 20 ms whether the file was written (with the same content, too) and hands its content to `onChange`.
 * An empty file is believed at the second look: it may be one that is just being rewritten. Returns how to stop.
 */
export function watchControlFile(path: string, onChange: (content: string) => void): () => void {
  let seen = versionOf(path);
  let emptyVersion: string | undefined;
  const timer = setInterval(() => {
    const version = versionOf(path);
    if (version === seen) return;
    const content = readControlFile(path);
    if (content === '' && emptyVersion !== version) {
      emptyVersion = version;
      return;
    }
    seen = version;
    emptyVersion = undefined;
    onChange(content);
  }, POLL_MS);
  return () => clearInterval(timer);
}
