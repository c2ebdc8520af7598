/** The names of the globals before this module loaded anything. `injection.ts` imports this file first. */
export const hostGlobals: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(globalThis));
