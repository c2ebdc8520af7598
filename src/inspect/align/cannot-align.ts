/** Why recordings cannot be laid side by side: whole sentences, with names from the disk (`printable()` on terminals). */
export class CannotAlign extends Error {
  override readonly name = 'CannotAlign';

  constructor(
    message: string,
    /** Whether the question is wrong (a camera that is not there), and not the recordings. */
    readonly isWrongUsage = false,
  ) {
    super(message);
  }
}
