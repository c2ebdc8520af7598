import { hostGlobals } from './host-globals.js';
import 'reflect-metadata';
import 'tsyringe';

/**
 * Import tsyringe from here, never directly. tsyringe brings tslib, which makes its helpers (`__extends`,
 * `__decorate`, ...) globals of the host. Nothing uses them as globals, so this file removes them. Only the Reflect
 * metadata API stays.
 */
for (const name of Object.getOwnPropertyNames(globalThis)) {
  if (name.startsWith('__') && !hostGlobals.has(name)) Reflect.deleteProperty(globalThis, name);
}

export { container, inject, injectable, instanceCachingFactory } from 'tsyringe';
export type { DependencyContainer, InjectionToken } from 'tsyringe';
