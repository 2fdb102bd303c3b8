import { readFileSync } from 'node:fs';

/**
 * CPU time and memory of a browser: all its processes, and the main thread of the page.
 *
 * @param {import('playwright').CDPSession} browserSession a session of the whole browser.
 * @returns {Promise<{ processes: { type: string, pid: number, cpuSeconds: number }[], cpuSeconds: number }>} since each started.
 */
export async function cpuOf(browserSession) {
  const { processInfo } = await browserSession.send('SystemInfo.getProcessInfo');
  const processes = processInfo.map(({ type, id, cpuTime }) => ({ type, pid: id, cpuSeconds: cpuTime }));
  return { processes, cpuSeconds: processes.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0) };
}

/** Kernel ticks per second; 100 on every Linux that runs a browser. */
const TICKS_PER_SECOND = 100;

/**
 * CPU seconds that the main thread of a process has used, or null where there is no /proc.
 * @param {number} pid
 * @returns {number | null}
 */
export function mainThreadCpuSeconds(pid) {
  const stat = readOrNull(`/proc/${pid}/task/${pid}/stat`);
  if (stat === null) return null;
  // The name in parentheses may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/**
 * CPU seconds that all processes of the machine have used, or null where there is no /proc.
 * @returns {number | null}
 */
export function machineCpuSeconds() {
  const stat = readOrNull('/proc/stat');
  if (stat === null) return null;
  const [user, nice, system, , , irq, softirq] = stat.slice(0, stat.indexOf('\n')).trim().split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + softirq) / TICKS_PER_SECOND;
}

/**
 * Memory that belongs to a process and cannot be read back from a file: anonymous and shared pages, MiB. Null where there
 * is no /proc.
 * @param {number} pid
 * @returns {number | null}
 */
export function residentMiB(pid) {
  const status = readOrNull(`/proc/${pid}/status`);
  if (status === null) return null;
  const kB = (/** @type {string} */ name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
  return (kB('RssAnon') + kB('RssShmem')) / 1024;
}

/** @param {string} path */
function readOrNull(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(/** @type {NodeJS.ErrnoException} */ (error).code ?? '')) return null;
    throw error;
  }
}
