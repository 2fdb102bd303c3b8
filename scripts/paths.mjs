import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the project. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** An absolute path below the root. */
export const at = (...parts) => join(ROOT, ...parts);
