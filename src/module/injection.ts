import { hostGlobals } from './host-globals.js';
import 'reflect-metadata';
import 'tsyringe';

/**
 * tsyringe, and nothing left in the host but the Reflect metadata API: tslib, which it brings, makes its helpers
 * (`__extends`, `__decorate`, ...) globals of whoever loads it. It does not use them as such. Import from here, never
 * from tsyringe itself.
 */
for (const name of Object.getOwnPropertyNames(globalThis)) {
  if (name.startsWith('__') && !hostGlobals.has(name)) Reflect.deleteProperty(globalThis, name);
}

export { container, inject, injectable, instanceCachingFactory } from 'tsyringe';
export type { DependencyContainer, InjectionToken } from 'tsyringe';
