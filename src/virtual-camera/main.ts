#!/usr/bin/env node
/**
 * A camera for machines that have none. It stands in for `rpicam-vid` and behaves like it, or misbehaves as told. Its
 * manual is `docs/virtual-camera.md`.
 */
import { runTool } from './tool.js';

runTool(process.argv.slice(2), process.env);
