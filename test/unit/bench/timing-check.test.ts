import { describe, expect, it } from '@jest/globals';
import { checkTiming } from '../../../bench/timing-check.mjs';

const HEADER =
  'trial,module,device_id,label,record_time_unix,record_time_mono,frame_index,sensor_timestamp_ns,video_pts\n';

/** A timing file of these sensor timestamps, in microseconds. */
function csv(stampsUs: readonly number[]): string {
  const rows = stampsUs.map(
    (us, index) => `1,CSICameras,picam:0,,1.000000,1.000000000,${index + 1},${us}000,${index + 1}\n`,
  );
  return HEADER + rows.join('');
}

const GRID_US = [0, 16_667, 33_333, 50_000, 66_667];
const SENT = { frames: 4, trickled: 3, lastSensorTimestampNs: '66667000' };

describe('checkTiming', () => {
  it('finds nothing wrong where every frame after the first recorded one has its row', () => {
    expect(checkTiming(csv(GRID_US), 5, SENT)).toEqual([]);
  });

  it('notices a row that is missing in the middle', () => {
    const problems = checkTiming(csv(GRID_US.toSpliced(2, 1)), 4, SENT);
    expect(problems).toEqual(['row 3 does not follow row 2']);
  });

  it('notices that the last frame is missing', () => {
    const problems = checkTiming(csv(GRID_US.slice(0, -1)), 4, SENT);
    expect(problems).toEqual(['the last row is of 50000000, not 66667000']);
  });

  it('notices rows that do not match the frames', () => {
    expect(checkTiming(csv(GRID_US), 6, SENT)).toEqual(['5 rows for 6 frames']);
  });

  it('notices fewer frames than were sent, and more', () => {
    expect(checkTiming(csv(GRID_US.slice(2)), 3, SENT)).toEqual(['3 frames recorded, 4 sent after 3']);
    expect(checkTiming(csv(GRID_US), 5, { ...SENT, trickled: 0 })).toEqual(['5 frames recorded, 4 sent after 0']);
  });

  it('notices an empty file', () => {
    expect(checkTiming(HEADER, 0, SENT)).not.toEqual([]);
  });
});
