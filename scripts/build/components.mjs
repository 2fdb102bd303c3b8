#!/usr/bin/env node
// Third-party components as `disclosure()` tells of them: from what a build really contains. The build puts its own list
// in place of src/governance/disclosure/bundled-components.ts; `node scripts/build/components.mjs` renews that file from
// the package that lies in dist/, for everybody who works on the sources.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, stdout } from 'node:process';
import { pathToFileURL } from 'node:url';
import { at } from '../paths.mjs';
import { usedPackages } from './notices.mjs';

const NONE = { 'zh-CN': '无', en: 'None' };
const FRAMES = { 'zh-CN': '遮挡前的画面，仅在本设备内存中处理', en: 'Pictures before they are covered, in the memory of this device only' };
const COVERED = { 'zh-CN': '遮挡面部后的画面', en: 'Pictures with faces covered' };
const MANDIC = 'Vladimir Mandic';

/**
 * What the package files do not tell: who makes it, what for, which personal information it works on, where to read more.
 * A component without an entry cannot be bundled.
 */
const WORDS = {
  '@casl/ability': { provider: 'Sergii Stotskyi', link: 'https://casl.js.org', purpose: { 'zh-CN': '判断工作人员的岗位权限', en: 'Decides what the roles of staff allow' }, personalInformation: { 'zh-CN': '工作人员编号和岗位', en: 'Ids and roles of staff' } },
  '@mediapipe/face_detection': { provider: 'Google LLC', link: 'https://google.github.io/mediapipe/', purpose: { 'zh-CN': '定位面部的模型', en: 'Models that find faces' }, personalInformation: FRAMES },
  '@mediapipe/tasks-vision': { provider: 'Google LLC', link: 'https://ai.google.dev/edge/mediapipe', purpose: { 'zh-CN': '运行定位面部的模型', en: 'Runs the models that find faces' }, personalInformation: FRAMES },
  '@vladmandic/face-api': { provider: MANDIC, link: 'https://github.com/vladmandic/face-api', purpose: { 'zh-CN': '提取面部特征的模型，仅在您单独同意后使用', en: 'A model that computes facial features, used only after a consent of its own' }, personalInformation: { 'zh-CN': '您指认为本人的面部画面，仅在本设备内存中处理', en: 'The picture of the face that you said is yours, in the memory of this device only' } },
  '@vladmandic/human': { provider: MANDIC, link: 'https://github.com/vladmandic/human', purpose: { 'zh-CN': '定位面部的模型', en: 'A model that finds faces' }, personalInformation: FRAMES },
  comlink: { provider: 'Google LLC', link: 'https://github.com/GoogleChromeLabs/comlink', purpose: { 'zh-CN': '页面与后台线程之间的调用', en: 'Calls between the page and its workers' }, personalInformation: NONE },
  fflate: { provider: 'Arjun Barrett', link: 'https://github.com/101arrowz/fflate', purpose: { 'zh-CN': '把录像与说明打包成一个文件，读取这样的文件', en: 'Puts recordings and what is said about them into one file, reads such files' }, personalInformation: COVERED },
  idb: { provider: 'Jake Archibald', link: 'https://github.com/jakearchibald/idb', purpose: { 'zh-CN': '读写本设备浏览器的数据库', en: 'Reads and writes the database of the browser on this device' }, personalInformation: { 'zh-CN': '告知中列明的、保存在本设备的信息', en: 'What the notice says is kept on this device' } },
  mediabunny: { provider: 'Vanilagy', link: 'https://mediabunny.dev', purpose: { 'zh-CN': '把遮挡面部后的画面写成录像文件，读取录像文件', en: 'Writes the pictures with faces covered into a video file, reads video files' }, personalInformation: COVERED },
  'onnxruntime-common': { provider: 'Microsoft Corporation', link: 'https://onnxruntime.ai', purpose: { 'zh-CN': '运行模型', en: 'Runs the models' }, personalInformation: FRAMES },
  'onnxruntime-web': { provider: 'Microsoft Corporation', link: 'https://onnxruntime.ai', purpose: { 'zh-CN': '运行模型', en: 'Runs the models' }, personalInformation: FRAMES },
};
/** Parts of another component, which speak for themselves in its row. */
const PART_OF = { '@ucast/core': '@casl/ability', '@ucast/js': '@casl/ability', '@ucast/mongo': '@casl/ability', '@ucast/mongo2js': '@casl/ability' };

const SOURCE = at('src', 'governance', 'disclosure', 'bundled-components.ts');
const COMPILED = join('governance', 'disclosure', 'bundled-components.js');

/**
 * Everything of others that a build contains, and the packages that an app installs along with it.
 * @param {{ bundled: Map<string, string[]>, weights: object[], dependencies?: string[] }} content `bundled`, `weights` as
 *   for makeNotices; `dependencies`: names out of package.json.
 */
export function listComponents({ bundled, weights, dependencies = runtimeDependencies() }) {
  const hashes = new Map(weights.map((weight) => [`${weight.kind === 'runtime' ? 'runtime' : 'models'}/${weight.file}`, weight.sha256]));
  const found = new Map();
  for (const { info, inside } of usedPackages({ bundled, weights, dependencies })) {
    const words = WORDS[PART_OF[info.name] ?? info.name];
    if (words === undefined) throw new Error(`${info.name} is shipped, and nobody has written what for: add it to WORDS in scripts/build/components.mjs`);
    const files = [...inside].sort().map((file) => ({ file, sha256: hashes.get(file) ?? null }));
    found.set(info.name, { name: info.name, version: info.version, licence: info.license, ...words, files });
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Puts the list into a built package: as JSON, and into the compiled module if some entry reaches it. */
export function writeComponents(folder, components) {
  writeFileSync(join(folder, 'components.json'), `${JSON.stringify(components, null, 2)}\n`);
  const compiled = join(folder, COMPILED);
  if (existsSync(compiled)) writeFileSync(compiled, `export const BUNDLED_COMPONENTS = ${JSON.stringify(components)};\n`);
}

/** The text of the source file. */
export function componentsSource(components) {
  return [
    '// Generated by `node scripts/build/components.mjs`; do not edit. The build replaces it by what it really bundled.',
    "import type { BundledComponent } from './component.ts';",
    '',
    '/** Software and models of others that come with this library. */',
    `export const BUNDLED_COMPONENTS: readonly BundledComponent[] = ${JSON.stringify(components, null, 2).replaceAll(/"(\w+)":/g, '$1:')};`,
    '',
  ].join('\n');
}

function runtimeDependencies() {
  return Object.keys(JSON.parse(readFileSync(at('package.json'), 'utf8')).dependencies ?? {});
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href) {
  const components = JSON.parse(readFileSync(at('dist', 'components.json'), 'utf8'));
  writeFileSync(SOURCE, componentsSource(components));
  stdout.write(`${SOURCE}: ${components.length} components\n`);
}
