import { existsSync } from 'node:fs';
import { fingerprint, isDone, markDone } from '../fingerprint.mjs';
import { at } from '../paths.mjs';
import { libraryFingerprint } from './library.mjs';

const STEP = 'demo';

/**
 * Builds the demo as a static site into demo/dist. Expects a fresh library and the clips.
 * @param {{ log?: (line: string) => void, force?: boolean }} [options]
 * @returns {Promise<boolean>} false when there was nothing to do.
 */
export async function buildDemo({ log = () => {}, force = false } = {}) {
  const print = `${libraryFingerprint()} ${fingerprint([at('demo')], (file) => !file.startsWith(at('demo', 'dist')))}`;
  if (!force && existsSync(at('demo', 'dist', 'index.html')) && isDone(STEP, print)) {
    log('demo: up to date');
    return false;
  }
  log('demo: building the static site');
  const { build } = await import('vite');
  await build({ configFile: at('demo', 'vite.config.ts'), logLevel: 'warn' });
  markDone(STEP, print);
  return true;
}
