import { cpus, loadavg, platform, release, totalmem } from 'node:os';
import { version } from 'node:process';

/** Cores that others may keep busy while a case is measured; above, its numbers are noise. */
export const QUIET_CORES = 0.2;

/**
 * What the numbers were taken on.
 * @param {string} browserVersion
 */
export function describeMachine(browserVersion) {
  const cores = cpus();
  return {
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    node: version,
    browser: browserVersion,
    gpu: false,
  };
}

/** Load average over the last minute. */
export const loadNow = () => loadavg()[0] ?? 0;
