import { startRawChromium, type RawTab } from '../../scripts/raw-chromium.mjs';
import { temporaryFolder } from './temporary-folder.js';

/** A browser with tabs as people have them: hidden while another one is in front. */
export interface RawBrowser {
  /** Opens it in front. */
  openTab(url: string): Promise<RawTab>;
  /** May be called twice. */
  close(): Promise<void>;
}

export async function startRawBrowser(): Promise<RawBrowser> {
  const home = await temporaryFolder();
  const chromium = startRawChromium(home.path);
  return {
    openTab: (url) => chromium.openTab(url),
    close: async () => {
      await chromium.close();
      await home.remove();
    },
  };
}
