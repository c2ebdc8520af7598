import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The log directory: `--log-dir`, else `$XDG_STATE_HOME/csi-cameras/logs`, else `~/.local/state/csi-cameras/logs`
 * (XDG Base Directory Specification). With an instance id it is the subfolder of that name, with unsafe characters
 * replaced.
 */
export function logDirectory(logDir: string | undefined, instanceId: string | undefined, home = homedir()): string {
  const base = logDir ?? join(stateHome(home), 'csi-cameras', 'logs');
  const safe =
    instanceId
      ?.replaceAll(/[^A-Za-z0-9_.-]/g, '_')
      .replace(/^\.+/, '_')
      .slice(0, 100) ?? '';
  return safe === '' ? base : join(base, safe);
}

function stateHome(home: string): string {
  const fromEnvironment = process.env['XDG_STATE_HOME'] ?? '';
  // The specification says to ignore relative paths.
  if (fromEnvironment.startsWith('/')) return fromEnvironment;
  return home === '' ? join(tmpdir(), `csi-cameras-${process.getuid?.() ?? 0}`) : join(home, '.local', 'state');
}
