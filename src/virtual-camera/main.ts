#!/usr/bin/env node
/**
 * A camera for machines that have none: stands in for `rpicam-vid` and behaves like it, or misbehaves as told.
 * `docs/virtual-camera.md` is its manual.
 */
import { runTool } from './tool.js';

runTool(process.argv.slice(2), process.env);
