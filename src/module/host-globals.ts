/** The names of the host's globals before anything of ours was loaded: imported first by `injection.ts`. */
export const hostGlobals: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(globalThis));
