/** An error that ends the tool as it would end rpicam-vid: `ERROR: *** message ***` on stderr, exit code 255. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}
