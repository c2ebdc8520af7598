import type { InfoAccount, InfoFacts, InfoGap, InfoHealth } from './info-file.js';

/** What the owner of a recording knows of one video and the files do not tell. Plain data. */
export interface TakeFacts {
  readonly account: InfoAccount | null;
  readonly gaps: readonly InfoGap[];
  readonly gapsTotal: number | null;
  readonly askedFps: number | null;
  readonly settings: InfoFacts['settings'];
  readonly tool: InfoFacts['tool'];
  /** The sensor, for example `imx296`. */
  readonly model: string | null;
  readonly end: InfoFacts['end'];
  readonly health: { readonly start: InfoHealth | null; readonly end: InfoHealth | null };
}
