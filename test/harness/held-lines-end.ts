import { afterAll } from '@jest/globals';
import { endHeldLines } from './held-lines.js';

/** After each suite: no line of its sessions was wrong, whether a test looked or not. */
afterAll(endHeldLines);
