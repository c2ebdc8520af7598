import { basename, dirname, join } from 'node:path';
import type { FoundPaths, RecordingPaths } from '../recording-session.js';

/** This module's folder in a session directory. */
export const MODULE_FOLDER = 'CSICameras';

/**
 * Maximum length of a name made from one text. Session token, camera label and the fixed pieces (`_CSI_trial` +
 * 16 digits, `_take` + 6 digits, `_metadata.csv`) then stay below NAME_MAX (255) together.
 */
const MAX_NAME_LENGTH = 96;
/**
 * Characters kept from the end of a longer text. The end holds the part of the stable id that tells cameras apart.
 */
const KEPT_TAIL_LENGTH = 16;

/**
 * Turns a text into a name that every file system accepts. Everything but letters, digits, `_`, `-` and `.` becomes
 * `_`. A leading dot becomes `_` too. A long text loses its middle. `fallback` is used if nothing is left.
 */
export function safeName(text: string, fallback: string): string {
  const safe = text.replaceAll(/[^A-Za-z0-9_.-]/gu, '_').replace(/^\./, '_');
  if (safe === '') return fallback;
  if (safe.length <= MAX_NAME_LENGTH) return safe;
  return `${safe.slice(0, MAX_NAME_LENGTH - KEPT_TAIL_LENGTH - 1)}_${safe.slice(-KEPT_TAIL_LENGTH)}`;
}

/** The camera's folder name and part of its file names. */
export function safeCameraLabel(cameraLabel: string): string {
  return safeName(cameraLabel, 'camera');
}

/**
 * The session directory's name after its first `_`, or the whole name: `session_20260106_081726` ->
 * `20260106_081726`.
 */
export function sessionToken(sessionDir: string): string {
  const name = basename(sessionDir);
  return safeName(name.slice(name.indexOf('_') + 1) || name, 'session');
}

/**
 * The paths of a take's files. `folder`: the camera's folder. The take's number comes after the camera label:
 * `..._trial001_LABEL.avi`, `..._trial001_LABEL_take2.avi`, `..._trial001_LABEL_take2_timing.csv`.
 */
export function takePaths(
  folder: string,
  sessionDir: string,
  cameraLabel: string,
  trialNumber: number,
  take: number,
): RecordingPaths {
  const trial = String(Math.trunc(trialNumber)).padStart(3, '0');
  const suffix = take === 1 ? '' : `_take${take}`;
  const stem = `${sessionToken(sessionDir)}_CSI_trial${trial}_${safeCameraLabel(cameraLabel)}${suffix}`;
  const videoPath = join(folder, `${stem}.avi`);
  return { take, videoPath, timingPath: timingPathOf(videoPath) };
}

const TAKE_SUFFIX = /_take(\d+)\.avi$/;

/** The number of the take whose video that is. Its folder is that of the camera. */
export function takeOf(videoPath: string): number {
  // A label may end like a take does.
  if (videoPath.endsWith(`_${basename(dirname(videoPath))}.avi`)) return 1;
  return Number(TAKE_SUFFIX.exec(videoPath)?.[1] ?? 1);
}

const VIDEO_NAME = /\.avi$/;

/** Path of the timing file of a video. */
export function timingPathOf(videoPath: string): string {
  return videoPath.replace(VIDEO_NAME, '_timing.csv');
}

/** Path of the metadata file of a video, where it has one. */
export function metadataPathOf(videoPath: string): string {
  return videoPath.replace(VIDEO_NAME, '_metadata.csv');
}

/** Path of the info file of a video. It is written at the end (`recording/info/write-info.ts`). */
export function infoPathOf(videoPath: string): string {
  return videoPath.replace(VIDEO_NAME, '_info.json');
}

/** Every file of a take, in the order in which they are made. `null`: no path leads to it. */
export function filesOf({ videoPath, timingPath, metadataPath }: FoundPaths): readonly (string | null)[] {
  return [videoPath, timingPath, ...(metadataPath === undefined ? [] : [metadataPath])];
}
