// @ts-check

/**
 * @callback Around
 * @param {() => unknown} call the original, with its own arguments
 * @param {unknown} self
 * @param {readonly unknown[]} args
 * @returns {unknown} what the caller gets
 */

/**
 * Puts a function around a method. Throws where there is no such method: an observer that sees nothing would report zeros.
 *
 * @param {object | undefined} prototype
 * @param {string} title for the message
 * @param {string} method
 * @param {Around} around
 */
export function hook(prototype, title, method, around) {
  /** @type {unknown} */
  const original = prototype === undefined ? undefined : Reflect.get(prototype, method);
  if (prototype === undefined || typeof original !== 'function') {
    throw new Error(`The bench's probe finds no ${title}: bench/probe/probe.mjs has to follow the code.`);
  }
  Object.defineProperty(prototype, method, {
    /** @this {unknown} @param {unknown[]} args */
    value(...args) {
      return around(() => /** @type {unknown} */ (Reflect.apply(original, this, args)), this, args);
    },
  });
}
