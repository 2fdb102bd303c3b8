import { cpuOf, residentMiB } from './processes.mjs';

const EVERY_MS = 500;

/**
 * Follows the memory of all processes of a browser: anonymous and shared pages, what several share counted in each. The answer
 * ends it and gives the peak in MiB, null where there is no /proc.
 * @param {import('playwright').CDPSession} browserSession a session of the whole browser.
 * @returns {() => Promise<number | null>}
 */
export function startMemoryProbe(browserSession) {
  let peak = null;
  let running = true;
  const following = follow();
  // Whoever ends it hears of a failure; until then nobody does.
  following.catch(() => undefined);
  return async () => {
    running = false;
    await following;
    return peak;
  };

  async function follow() {
    while (running) {
      const { processes } = await cpuOf(browserSession);
      const sizes = processes.map(({ pid }) => residentMiB(pid)).filter((size) => size !== null);
      if (sizes.length > 0) peak = Math.max(peak ?? 0, sizes.reduce((sum, size) => sum + size, 0));
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }
}
