/** A finished recording as it lies in a folder. Nothing is opened to find it. `null`: there is no such file. */
export interface RecordingFiles {
  /** The name that its files share: `20260106_081726_CSI_trial001_IMX296_Global_picam_0_take2`. */
  readonly stem: string;
  /** Absolute path of the folder that holds them. */
  readonly folder: string;
  /** Absolute path of the session directory, where the folder lies in one. */
  readonly sessionDir: string | null;
  readonly videoPath: string | null;
  readonly timingPath: string | null;
  readonly metadataPath: string | null;
  readonly infoPath: string | null;
  /** By the name. `null`: the name is not one of ours. */
  readonly trial: number | null;
  readonly take: number | null;
  readonly cameraLabel: string | null;
}
