/** Which URL names what. Pure: no path of a URL ever becomes a path of the disk. */

export type Route =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'status' | 'metrics' | 'healthz' }
  | { readonly kind: 'frame'; readonly deviceId: string }
  | { readonly kind: 'control'; readonly deviceId: string; readonly action: ControlAction };

export type ControlAction = 'settings' | 'fix' | 'snapshot';

/** `/api/cameras/{id}/...`: one part of a path, still encoded. */
const CAMERA = /^\/api\/cameras\/([^/]+)\/(frame|settings|fix|snapshot)$/;

const NAMED: Readonly<Partial<Record<string, Route>>> = {
  '/api/status': { kind: 'status' },
  '/metrics': { kind: 'metrics' },
  '/healthz': { kind: 'healthz' },
};

/**
 * Null: nothing is there. `hasFile` says whether the page has a file of exactly this path; a path is not decoded for it. Where
 * control is off, its URLs are not there.
 */
export function routeOf(path: string, hasControl: boolean, hasFile: (path: string) => boolean): Route | null {
  if (hasFile(path)) return { kind: 'file', path };
  const [, encodedId, name] = CAMERA.exec(path) ?? [];
  if (encodedId === undefined) return Object.hasOwn(NAMED, path) ? (NAMED[path] ?? null) : null;
  const deviceId = decoded(encodedId);
  if (deviceId === null) return null;
  if (name === 'frame') return { kind: 'frame', deviceId };
  return hasControl ? { kind: 'control', deviceId, action: name as ControlAction } : null;
}

/** What may be done there. */
export function methodsOf(route: Route): readonly string[] {
  return route.kind === 'control' ? ['POST'] : ['GET', 'HEAD'];
}

/** Null where it is not proper encoding. The text is looked up among the device ids and used for nothing else. */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
