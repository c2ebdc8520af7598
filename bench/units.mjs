// @ts-check

/** Decimal units, as disks and networks are measured. */

export const MB = 1e6;
export const GB = 1e9;
export const MIB = 1024 * 1024;
