/** A file whose content tells the running camera how to misbehave. */
import { readFileSync, statSync } from 'node:fs';

const POLL_MS = 20;

/** Content of the file; '' if it does not exist. */
export function readControlFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // the file does not exist (yet, or any more), so nothing is asked for
  }
}

/** The state of the file as a text that changes with every write. */
function versionOf(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat ? `${stat.ino} ${stat.mtimeNs} ${stat.size}` : '';
}

/**
 * Checks every 20 ms whether the file was written (even with the same content) and passes its content to `onChange`.
 * An empty file counts only if the next check still finds it empty, because it may just be being rewritten. The
 * returned function stops the checks.
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
