/** What a worker thread of ours takes over from the host's Node. */

/** The environment for a thread. It lacks NODE_OPTIONS, which may hold options that a thread refuses. */
export function threadEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...env } = process.env;
  return env;
}

/**
 * The host's Node options that a thread gets too: preloads and profiles, with their values. A thread refuses most
 * other options.
 */
export function threadOptions(options: readonly string[]): string[] {
  return options.filter((option, index) => isForThreads(option) || takesValue(options[index - 1] ?? ''));
}

function isForThreads(option: string): boolean {
  return /^(?:--import|--require|-r|--cpu-prof[a-z-]*)(?:=|$)/.test(option);
}

function takesValue(option: string): boolean {
  return isForThreads(option) && !option.includes('=') && option !== '--cpu-prof';
}
