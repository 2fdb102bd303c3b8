import { join, relative, sep } from 'node:path';
import { rolldown } from 'rolldown';

/** What whoever only covers faces must not ship: code that recognises them, keeps templates, or names the files for it by URL. */
const RECOGNITION = [/^features[./]/, /^album\.js$/, /^recognition\//, /^session\/face-claim/, /^assets\/features-locations/, /^vault\/(template|identity|album|gallery)/];
const RECOGNITION_FILE = /new URL\([^)]*(face-resnet|features)[^)]*\)/;

/**
 * Bundles entries of the built package as an app would and tells what of recognition is in them.
 * @param {string} dist
 * @param {readonly string[]} entries relative to `dist`.
 * @returns {Promise<string[]>} one line per fault.
 */
export async function findRecognition(dist, entries) {
  const faults = [];
  for (const entry of entries) {
    const bundle = await rolldown({ input: join(dist, entry), platform: 'browser', tsconfig: false });
    try {
      const { output } = await bundle.generate({ format: 'es', codeSplitting: false });
      for (const chunk of output.filter(({ type }) => type === 'chunk')) {
        const modules = Object.keys(chunk.modules).map((module) => relative(dist, module).split(sep).join('/'));
        faults.push(...modules.filter((module) => RECOGNITION.some((pattern) => pattern.test(module))).map((module) => `${entry} brings ${module} along`));
        const [named] = RECOGNITION_FILE.exec(chunk.code) ?? [];
        if (named !== undefined) faults.push(`${entry} has ${named}, which a bundler would ship`);
      }
    } finally {
      await bundle.close();
    }
  }
  return faults;
}
