import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { at } from '../paths.mjs';

/** Packages that name their licence but ship no licence text: who holds the copyright, by their own source headers. */
const HOLDERS = {
  'onnxruntime-web': 'Copyright (c) Microsoft Corporation',
  'onnxruntime-common': 'Copyright (c) Microsoft Corporation',
  '@mediapipe/tasks-vision': 'Copyright The MediaPipe Authors',
  '@mediapipe/face_detection': 'Copyright The MediaPipe Authors',
};

/**
 * Every package that a build contains a part of, by name.
 * @param {{ bundled: Map<string, string[]>, weights: object[], dependencies?: string[] }} content `bundled`: name of a
 *   built file to the files it was made of; `weights`: entries of models/manifest.json; `dependencies`: packages that are
 *   installed along with this one.
 * @returns {{ info: { name: string, version: string, license: string, folder: string }, inside: Set<string> }[]} `inside`:
 *   the built files that hold parts of it.
 */
export function usedPackages({ bundled, weights, dependencies = [] }) {
  const used = new Map(); // "name version" -> { info, inside: Set of built files }
  const use = (folder, builtFile) => {
    const info = readPackage(folder);
    const key = `${info.name} ${info.version}`;
    const entry = used.get(key) ?? { info, inside: new Set() };
    if (builtFile !== null) entry.inside.add(builtFile);
    used.set(key, entry);
  };
  for (const [builtFile, modules] of bundled) {
    for (const module of modules) {
      const folder = packageFolder(module);
      if (folder !== null) use(folder, builtFile);
    }
  }
  for (const weight of weights) {
    const folder = weight.kind === 'runtime' ? 'runtime' : 'models';
    for (const source of weight.source) use(at('node_modules', source.package), `${folder}/${weight.file}`);
  }
  for (const name of dependencies) use(at('node_modules', name), null);
  return [...used.values()].sort((a, b) => (a.info.name < b.info.name ? -1 : 1));
}

/**
 * Writes the notices for what a build really contains.
 * @param {{ bundled: Map<string, string[]>, weights: object[] }} content as for {@link usedPackages}.
 * @returns {string} Markdown
 */
export function makeNotices({ bundled, weights }) {
  const packages = usedPackages({ bundled, weights });
  return [
    '# Third-party notices',
    '',
    'This package contains the following third-party software and model weights. The list is made from the modules that',
    'the bundler put into each worker and from `models/manifest.json`.',
    '',
    '| package | version | licence | contained in |',
    '|---|---|---|---|',
    ...packages.map(({ info, inside }) => `| ${info.name} | ${info.version} | ${info.license} | ${[...inside].sort().join(', ')} |`),
    '',
    '## Model weights and runtimes',
    '',
    '| file | made from | licence | SHA-256 |',
    '|---|---|---|---|',
    ...weights.map((weight) => {
      const origin = weight.source.map((source) => `${source.package}@${source.version}: ${source.file}`).join(', ');
      return `| ${weight.file} | ${origin} | ${weight.licence} | \`${weight.sha256}\` |`;
    }),
    '',
    ...packages.flatMap(({ info }) => [`## ${info.name} ${info.version} (${info.license})`, '', '```text', licenceText(info), '```', '']),
  ].join('\n');
}

/** The folder of the npm package that a module belongs to, or null for the project's own files. */
function packageFolder(module) {
  const path = module.replace(/^\0/, '').split('?')[0];
  const marker = `${join('/', 'node_modules', '/')}`;
  const index = path.lastIndexOf(marker);
  if (index < 0) return null;
  const [first, second] = path.slice(index + marker.length).split('/');
  return join(path.slice(0, index + marker.length), first.startsWith('@') ? join(first, second) : first);
}

function readPackage(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (!license) throw new Error(`${name}@${version} names no licence: it must not be bundled`);
  return { name, version, license, folder };
}

function licenceText({ name, license, folder }) {
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)(\.(md|txt))?$/i.test(entry));
  if (file !== undefined) return readFileSync(join(folder, file), 'utf8').trim();
  const holder = HOLDERS[name];
  if (holder === undefined) throw new Error(`${name} ships no licence text: find its copyright holder and add it to HOLDERS`);
  if (license === 'Apache-2.0') return `${holder}\n\n${readFileSync(at('LICENSE'), 'utf8').trim()}`;
  const template = at('scripts', 'build', `${license}.txt`);
  if (!existsSync(template)) throw new Error(`no text for the licence ${license} of ${name}: add ${template}`);
  return `${holder}\n\n${readFileSync(template, 'utf8').trim()}`;
}
