import { join } from 'node:path';
import { systemClock } from '../../src/core/clock.js';
import { realFileSystem } from '../../src/core/file-system.js';
import type { AviGeometry } from '../../src/recording/avi/avi-layout.js';
import {
  type FileRecordingSessionDependencies,
  FileRecordingSession,
} from '../../src/recording/file-recording-session.js';
import type { FoundPaths, RecordingPaths, RecordingRequest } from '../../src/recording/recording-session.js';

/** A layout so small that a test reaches every kind of border: groups, segments, growth, the end of idx1. */
export const SMALL_GEOMETRY: AviGeometry = {
  liveEntries: 512,
  groupBytes: 200_000,
  maxGroups: 220,
  segmentBytes: 2 ** 19,
  firstSegmentFrames: 300,
  growthBytes: 2 ** 16,
};

/** A session without syncs: most tests are not about power cuts, and a busy disk would make them slow. */
export function recordingSession(options: Partial<FileRecordingSessionDependencies> = {}): FileRecordingSession {
  return new FileRecordingSession({ fileSystem: realFileSystem, clock: systemClock, sync: 'never', ...options });
}

/** The paths of a recording whose files are where they are said to be. Throws where one has none. */
export function pathsOf(paths: FoundPaths | null | undefined): RecordingPaths {
  const { take = 0, videoPath = null, timingPath = null, metadataPath } = paths ?? {};
  if (videoPath === null || timingPath === null || metadataPath === null)
    throw new Error('No path leads to the files.');
  return { take, videoPath, timingPath, ...(metadataPath === undefined ? {} : { metadataPath }) };
}

export function requestIn(folder: string, request: Partial<RecordingRequest> = {}): RecordingRequest {
  return {
    sessionDir: join(folder, 'session_20260106_081726'),
    deviceId: 'picam:0',
    cameraLabel: 'IMX296 Global_picam:0',
    trialNumber: 1,
    trialLabel: 'baseline',
    width: 64,
    height: 48,
    fps: 30,
    ...request,
  };
}
