/** Words of a command line as a unit has them (systemd.syntax(7), "Command lines" of systemd.service(5)). */

/** What systemd takes as it is. */
const PLAIN = /^[A-Za-z0-9_./:=,+@-]+$/;
/** One line of a unit is one line. */
const CONTROL = /\p{Cc}|[\u2028\u2029]/u;
const NOT_IN_A_PROGRAM = /["'\\]/;

/** Why systemd cannot be given this word, as the end of a sentence, or `undefined` if it can. */
export function whyNoWord(word: string): string | undefined {
  return CONTROL.test(word) ? 'has a control character' : undefined;
}

/** The same of the path of a program. systemd refuses one with quotes in it, however they are escaped. */
export function whyNoProgram(path: string): string | undefined {
  return NOT_IN_A_PROGRAM.test(path) ? 'has a quote or a backslash' : whyNoWord(path);
}

/** An argument: variables are replaced in these, so that a dollar sign is written twice. */
export function argumentWord(word: string): string {
  return pathWord(word.replaceAll('$', '$$$$'));
}

/** The program, or a path in another setting. Specifiers (`%n`) are replaced, variables are not. */
export function pathWord(path: string): string {
  if (PLAIN.test(path)) return path;
  return `"${path.replaceAll('%', '%%').replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
