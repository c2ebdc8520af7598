/** The log context of a status or a command that is about a camera: which one. Empty if it is about none, or about all. */
export function deviceIn(data: object): { readonly device?: string } {
  return 'device_id' in data && typeof data.device_id === 'string' ? { device: data.device_id } : {};
}
