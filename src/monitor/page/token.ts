/** The token: from the link's fragment, which browsers never send, into the tab's own storage. */

const KEY = 'csi-cameras-token';
const FRAGMENT = '#token=';

/** Where the storage is turned off: it lasts as long as the page. */
let held: string | null = null;

/** Takes the token out of the address, so that nobody reads it there or gives it on with a bookmark. */
export function takeTokenFromAddress(): boolean {
  if (!location.hash.startsWith(FRAGMENT)) return false;
  const raw = location.hash.slice(FRAGMENT.length);
  history.replaceState(null, '', location.pathname + location.search);
  keepToken(decoded(raw));
  return true;
}

export function keepToken(token: string): void {
  held = token;
  try {
    sessionStorage.setItem(KEY, token);
  } catch {
    // The browser keeps nothing for this page: the token is asked for again after a reload.
  }
}

/** As a request's headers. Empty where there is none, or where it cannot be a header. */
export function tokenHeaders(): Record<string, string> {
  const token = held ?? stored();
  return token === null || !/^[\x21-\x7E]+$/.test(token) ? {} : { Authorization: `Bearer ${token}` };
}

function stored(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null; // see keepToken
  }
}

function decoded(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw; // It was not encoded, and holds a percent sign.
  }
}
