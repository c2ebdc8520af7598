/** What the tools answer without opening a camera. */
import { type CommonOptions } from './options/common-options.js';
import { OLD_VERSION_TEXT, VERSION_TEXT } from './messages.js';
import { type Misbehaviours } from './misbehaviours.js';
import { print } from './output.js';
import { cameraListing } from './sensor/sensors.js';
import { presentCameras, sayPermissionDenied } from './start-failures.js';

/** Prints the answer, if one is asked for. Returns whether it was. */
export function answer({ action }: CommonOptions, asked: Misbehaviours, helpText: () => string): boolean {
  switch (action) {
    case 'help':
      print(helpText());
      return true;
    case 'version':
      print(asked.has('old-version') ? OLD_VERSION_TEXT : VERSION_TEXT);
      return true;
    case 'list':
      sayPermissionDenied(asked, asked.has('coloured-stderr'));
      print(cameraListing(presentCameras(asked)));
      return true;
    case 'stream':
      return false;
  }
}
