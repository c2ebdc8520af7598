/** What needs neither quotes nor cleaning: nearly every field. */
const PLAIN = /^[ !#-+\--~]*$/;

/**
 * A text field by RFC 4180: quoted if it contains a comma, a quote or a line break. Other control characters become
 * U+FFFD, because common readers stop at NUL and a terminal obeys some of the others.
 */
export function csvField(text: string): string {
  if (PLAIN.test(text)) return text;
  const clean = text.replaceAll(/[^\P{Cc}\t\n\r]/gu, '\uFFFD');
  return /[",\n\r]/.test(clean) ? `"${clean.replaceAll('"', '""')}"` : clean;
}
