#!/usr/bin/env node
/** Stands in for `rpicam-still`, `libcamera-still` and `libcamera-jpeg`. Its manual is `docs/virtual-camera.md`. */
import { runStill } from './still-tool.js';

runStill(process.argv.slice(2), process.env);
