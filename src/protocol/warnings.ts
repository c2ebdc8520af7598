/** Codes of `warning` statuses, with their meanings. */
export const WARNING_CODES = {
  config_ignored: 'A part of the configuration cannot be used. It is ignored, and defaults are used.',
  settings_set_aside:
    'The kept settings of a camera are damaged, or a newer version wrote them. What cannot be used was set aside.',
  settings_unreadable: 'The kept settings could not be read: the disk failed or did not answer. They do not apply.',
  label_cleaned:
    'A trial_label or display_name had control characters or more than 256 characters. It was cleaned and is used so.',
  metadata_missing: 'Frames come without metadata. sensor_timestamp_ns is 0 for them in the timing file.',
  timestamps_disordered:
    'Sensor timestamps stand still, run backwards or jump. The frames are kept as they came. Told once for each recording.',
  option_left_out:
    'The capture tool is too old for an option. The option was left out, so the settings that are named have no effect.',
  view_unknown:
    'The capture tool does not list the modes of the camera, so it chooses the size itself, usually 640x480.',
  setting_ignored:
    'A setting does not apply: it does not fit with one that goes before it, or the camera gives no frames with it.',
  settings_not_kept: 'Settings were changed and could not be kept. They hold until the camera is unassigned.',
  stream_adjusted: 'The camera delivers a different size than requested.',
  rate_adjusted: 'The camera delivers a different rate than requested.',
  setting_without_effect:
    'The camera uses another value of a setting than was asked, or the setting has no effect. Told once for each setting of an opened camera.',
  start_passed: 'start_mono_ns of a start had passed. The take begins with the next frame and keeps the told instant.',
  sync_waiting:
    'A client of synchronised cameras has no server yet, so no frame comes. Told every 10 s, until camera.syncTimeoutMs is over.',
  disk_low_soon: 'At the present rate the disk will be too full to record within ten minutes, or within two.',
  session_dir_moved:
    'The files of a recording were moved while it was being written, or their disk was unmounted or mounted over. The recording continues.',
  recording_continues:
    'A video can hold no more: its index is full (33 hours at 60 frames a second, or 820 GB), or its file is as large as the file system or the process allows. The recording continues in the next take, without a gap.',
  info_not_written:
    'The info file beside a recording could not be written in time. The recording is complete as told; only its account and settings are missing there.',
  logs_waiting:
    'A log cannot be written. Its lines wait in memory and are lost when the memory is full. Recordings continue.',
  logs_lost: 'Lines of a log could not be written and are lost. Recordings continue.',
  statuses_lost: 'The host did not read in time, or stdout could not be written. Older statuses were dropped.',
  load_level_changed:
    'The load is high. The preview is paused, and heartbeats may come less often. Recording continues.',
  under_voltage: 'The supply voltage is too low. The Raspberry Pi slows down and may reset.',
  monitor_failed:
    'The monitor cannot be started: its port is in use, or its token file or its address cannot be used. Recordings continue.',
  monitor_restarted: "The monitor's server stopped working and is started again. Recordings continue.",
} as const;

export type WarningCode = keyof typeof WARNING_CODES;
