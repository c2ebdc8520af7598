import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../core/errors.js';
import { homeFolder, stateHome } from '../core/private-folder.js';
import { privateTemporaryFolder, whyUnusable } from './home.js';

export interface LogDirectory {
  readonly path: string;
  /** A sentence for the user where the logs are not at their usual place. */
  readonly note?: string;
}

/** What the default depends on. It is looked at only where no directory was given. */
interface Surroundings {
  readonly home: () => string | undefined;
  readonly temporary: string;
}

/**
 * The log directory: `--log-dir`, else `$XDG_STATE_HOME/csi-cameras/logs`, else `~/.local/state/csi-cameras/logs` (XDG Base
 * Directory Specification), else a private folder under the temporary directory. With an instance id it is the subfolder of
 * that name, with unsafe characters replaced. Never rejects.
 */
export async function logDirectory(
  logDir: string | undefined,
  instanceId: string | undefined,
  surroundings: Surroundings = { home: homeFolder, temporary: tmpdir() },
): Promise<LogDirectory> {
  const base = logDir === undefined ? await defaultDirectory(surroundings) : { path: logDir };
  const safe =
    instanceId
      ?.replaceAll(/[^A-Za-z0-9_.-]/g, '_')
      .replace(/^\.+/, '_')
      .slice(0, 100) ?? '';
  return safe === '' ? base : { ...base, path: join(base.path, safe) };
}

/** The default without a look at it: nothing is made. `undefined` for a user without a home. */
export function usualLogDirectory(home: () => string | undefined = homeFolder): string | undefined {
  const state = stateHome(home);
  return state === undefined ? undefined : join(state, 'csi-cameras', 'logs');
}

async function defaultDirectory({ home, temporary }: Surroundings): Promise<LogDirectory> {
  const usual = usualLogDirectory(home);
  const why = usual === undefined ? 'this user has no home directory' : await whyUnusable(usual);
  if (usual !== undefined && why === undefined) return { path: usual };
  const reason = usual === undefined ? why : `${usual} cannot be used (${why})`;
  try {
    const path = join(await privateTemporaryFolder(temporary), 'logs');
    return { path, note: `The logs go to ${path}, because ${reason}. --log-dir names another place.` };
  } catch (thrown) {
    // The module says by itself that its logs cannot be written, and records.
    const path = usual ?? join(temporary, 'csi-cameras', 'logs');
    return { path, note: `There is no place for logs: ${reason}, and ${messageOf(thrown)}. Name one with --log-dir.` };
  }
}
