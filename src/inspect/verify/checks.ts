import type { CheckId } from '../verdict.js';

/** What each check holds, in a sentence. `docs/proof.md` has the same table; a test compares. */
export const CHECKS = {
  V1: 'The header, the lists and the codec of the video are as they must be, and all that they name lies in the file.',
  V2: 'The recording was ended as it should be: the video is closed, and nothing cut it short.',
  V3: 'All places of the video that tell the number of frames tell the same.',
  V4: 'The entries of the index ascend, do not overlap, and lie where the frames are.',
  V5: 'At each entry of the index there is a chunk of that name and length.',
  V6: 'A walk through all chunks finds exactly the frames of the index.',
  V7: 'The old index (idx1) has the same first frames.',
  V8: 'The file ends where the video ends.',
  V9: 'Each frame is one whole JPEG, and all have one size and sampling.',
  V10: 'The pictures that were decoded hold exactly the blocks that they should.',
  V11: 'The largest frame is as large as the header says.',
  V12: 'The timing file is written as the recorder writes it, from its header line to its last line end.',
  V13: 'There are as many rows as frames.',
  V14: 'frame_index and video_pts count 1, 2, 3 and so on.',
  V15: 'Trial, module, device and label are the same in all rows, and the trial is the one of the file name.',
  V16: 'The sensor times ascend. Where the camera gave none, all are 0.',
  V17: 'The frames arrived in order, each after it was taken, and soon.',
  V18: 'The wall clock was not set.',
  V19: 'The playing time of the video is the time between the first and the last row, to half a frame.',
  V20: 'Frames that carry their number and time (virtual camera) are those of their rows.',
  V21: 'The account is balanced: delivered = recorded + dropped + skipped, and recorded are the frames of the video.',
  V22: 'What is missing between the rows is no more than the account says.',
  V23: 'The info file names these files, with their sizes, rows, digests, times and checksums.',
  V24: 'The parts of a recording follow one another without a gap.',
  V25: 'There is no video without rows, and there are no rows without a video.',
  V26: 'The log of dropped frames (--log-dir) tells of as many as the account.',
} as const satisfies Record<CheckId, string>;

export type KnownCheck = keyof typeof CHECKS;
