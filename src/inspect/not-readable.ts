/**
 * Why a file could not be looked at. `not_ours`: whole, perhaps, but not what this module writes. `damaged`: ours, but its
 * indexes contradict themselves (verify says how). `changed`: it was written while it was read.
 */
export type NotReadableReason = 'absent' | 'denied' | 'not_a_file' | 'not_ours' | 'damaged' | 'changed' | 'io';

/** A file that cannot be looked at: verdict `unchecked`, except where it is `damaged`. The message is a whole sentence. */
export class NotReadable extends Error {
  override readonly name = 'NotReadable';

  constructor(
    readonly reason: NotReadableReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
