/** Why a clip cannot be cut: whole sentences, with names from the disk (`printable()` on terminals). */
export class CannotClip extends Error {
  override readonly name = 'CannotClip';

  constructor(
    message: string,
    /** Whether the question is wrong (a range that is not there), and not the recording. */
    readonly isWrongUsage = false,
  ) {
    super(message);
  }
}
