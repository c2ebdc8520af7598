// @ts-check
import { parseArgs } from 'node:util';

/** Reading command lines: what all programs of the bench do alike. */

/** Somebody asked for what there is not; the message says what. */
export class UsageError extends Error {}

/**
 * `parseArgs`, whose errors are `UsageError`.
 *
 * @template {import('node:util').ParseArgsConfig} T
 * @param {T} config
 * @returns {ReturnType<typeof parseArgs<T>>}
 */
export function parseUsage(config) {
  try {
    return parseArgs(config);
  } catch (thrown) {
    throw new UsageError(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

/**
 * @param {string} name
 * @param {string | undefined} text
 * @returns {number | undefined} above 0
 */
export function numberOf(name, text) {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) {
    throw new UsageError(`${name} must be a number above 0.`);
  }
  return value;
}

/**
 * @param {string} name
 * @param {string | undefined} text
 * @returns {number | undefined} a whole number above 0
 */
export function wholeNumberOf(name, text) {
  const value = numberOf(name, text);
  if (value !== undefined && !Number.isInteger(value)) throw new UsageError(`${name} must be a whole number.`);
  return value;
}
