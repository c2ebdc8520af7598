import { byId } from './dom.js';
import type { PictureLoop } from './picture-loop.js';
import type { Tiles } from './tiles.js';

/** Keys of the page. Enter on a tile is its button's own. */
export function listenToKeys(tiles: Tiles, pictures: PictureLoop, redraw: () => void): void {
  const help = byId('help') as HTMLDialogElement;
  byId('help-button').addEventListener('click', () => help.showModal());
  document.addEventListener('keydown', (event) => {
    if (help.open || event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
    if (!act(event.key, help)) return;
    event.preventDefault();
    redraw();
  });

  function act(key: string, dialog: HTMLDialogElement): boolean {
    const { enlarged } = tiles;
    switch (key.length === 1 ? key.toLowerCase() : key) {
      case 'p':
        pictures.togglePause();
        return true;
      case '?':
        dialog.showModal();
        return true;
      case 'Escape':
        if (enlarged !== undefined) tiles.enlarge(undefined);
        return enlarged !== undefined;
      case 'g':
        enlarged?.aiming.toggleGrid();
        return true;
      case 'm':
        enlarged?.aiming.toggleLens();
        return true;
      case 'b':
        enlarged?.aiming.forgetBest();
        return true;
      default:
        return enlarged?.aiming.moveBy(key) ?? false;
    }
  }
}

/** In a field, Esc leaves it and all other keys are text. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
}
