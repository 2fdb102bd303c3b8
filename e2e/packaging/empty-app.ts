import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');
const MODULES = join(ROOT, 'node_modules');

/** What `npm pack` put into an archive. */
export interface Packed {
  readonly archive: string;
  readonly files: readonly string[];
}

/** Packs a folder as npm would publish it, without running its scripts. */
export async function pack(folder: string, destination: string): Promise<Packed> {
  const { stdout } = await run('npm', ['pack', folder, '--json', '--ignore-scripts', '--pack-destination', destination], { cwd: destination, maxBuffer: 2 ** 26 });
  const [report] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  return { archive: join(destination, report.filename), files: report.files.map(({ path }) => path) };
}

/** A Vite app that has nothing in it but the packed library, as an installation from a registry would give it. */
export interface EmptyApp {
  readonly folder: string;
  readonly packed: Packed;
  /** Writes the configuration: with the plugin, or only the one line that an app cannot do without. */
  usePlugin(plugin: boolean): void;
  remove(): void;
}

/** Makes the app. No network, and nothing that npm's cache happens to hold: all that the library depends on is packed from node_modules. */
export async function makeEmptyApp(): Promise<EmptyApp> {
  const temporary = mkdtempSync(join(tmpdir(), 'bauta-app-'));
  const folder = join(temporary, 'app');
  mkdirSync(join(folder, 'public'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'empty-app', private: true, type: 'module' }));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>empty</title><link rel="icon" href="data:,"><video muted playsinline></video><script type="module" src="./main.js"></script>');
  writeFileSync(join(folder, 'main.js'), PAGE);
  cpSync(join(MODULES, '@vladmandic/face-api/demo/sample1.jpg'), join(folder, 'public', 'photo.jpg'));

  const packed = await pack(ROOT, temporary);
  const dependencies = await Promise.all(dependenciesOf(ROOT).map((name) => pack(join(MODULES, name), temporary)));
  const archives = [packed, ...dependencies].map(({ archive }) => archive);
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--ignore-scripts', ...archives], { cwd: folder });
  return {
    folder,
    packed,
    usePlugin: (plugin) => {
      writeFileSync(join(folder, 'vite.config.js'), plugin ? WITH_PLUGIN : WITHOUT_PLUGIN);
    },
    remove: () => {
      rmSync(temporary, { recursive: true, force: true });
    },
  };
}

/** The names of everything that a package depends on, directly or not. */
function dependenciesOf(folder: string, known = new Set<string>()): string[] {
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { dependencies?: Record<string, string> };
  for (const name of Object.keys(dependencies)) {
    if (known.has(name)) continue;
    known.add(name);
    dependenciesOf(join(MODULES, name), known);
  }
  return [...known];
}

/** What the page found out; plain data, so that it can leave the page. */
export interface PictureResult {
  readonly cspEnforced: boolean;
  readonly faces: number;
  readonly whole: string | null;
  /** Mean difference to the original per channel, 0 to 255, inside the first face's box. */
  readonly changeInside: number;
  /** The same in the picture's four corners. */
  readonly changeOutside: number;
}

/** The track of a session, seen from the app. */
export interface SessionResult {
  readonly frames: number;
  readonly width: number;
  readonly stoppedState: string;
}

const WITH_PLUGIN = `import { bauta } from 'bauta/vite';\nexport default { plugins: [bauta()] };\n`;
const WITHOUT_PLUGIN = `export default { optimizeDeps: { exclude: ['bauta'] } };\n`;

// The whole of the app. It is what a reader of the README would write, with two functions for the test to call.
const PAGE = `
import * as bauta from 'bauta';
import * as elements from 'bauta/elements';
import * as notices from 'bauta/notices';
import * as receipts from 'bauta/receipts';

const notice = notices.noticeFor('service', {
  noticeId: 'empty-app',
  version: '1',
  validFrom: Date.UTC(2020, 0, 1),
  validUntil: Date.UTC(2090, 0, 1),
  service: { 'zh-CN': '空应用', en: 'an empty app' },
  controller: { name: { 'zh-CN': '某公司', en: 'Somebody' }, address: { 'zh-CN': '某地', en: 'Somewhere' }, contact: 'a@example.org' },
  purposes: [{ purpose: 'live-redacted-view', retentionDays: 0 }],
  storedAt: 'device',
});

async function grant(dataSubject) {
  const ledger = await bauta.openConsentLedger({ notice });
  await ledger.answer({ dataSubject, language: 'en', answers: { 'live-redacted-view': 'given' }, ageBand: 'adult' });
  const consent = await ledger.require('live-redacted-view', dataSubject);
  if (!consent.granted) throw new Error(consent.refusal.message);
  return consent.grant;
}

function pixels(bitmap) {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext('2d');
  context.drawImage(bitmap, 0, 0);
  return (box) => context.getImageData(Math.max(0, Math.round(box.x)), Math.max(0, Math.round(box.y)), Math.round(box.width), Math.round(box.height)).data;
}

const change = (a, b) => a.reduce((sum, value, index) => sum + Math.abs(value - b[index]), 0) / a.length;

globalThis.exportsOf = () => [bauta, elements, notices, receipts].flatMap((entry) => Object.keys(entry));

globalThis.redactPhoto = async (engine) => {
  const photo = await (await fetch('./photo.jpg')).blob();
  const redactor = await bauta.openPictureRedactor({ grant: await grant('picture'), detection: { engine } });
  const { bitmap, faces, whole } = await redactor.redact(photo);
  const before = pixels(await createImageBitmap(photo));
  const after = pixels(bitmap);
  const { width, height } = bitmap;
  const corners = [[0, 0], [width - 8, 0], [0, height - 8], [width - 8, height - 8]].map(([x, y]) => ({ x, y, width: 8, height: 8 }));
  const result = {
    cspEnforced: redactor.engine.cspEnforced,
    faces: faces.length,
    whole,
    changeInside: faces.length === 0 ? 0 : change(before(faces[0].box), after(faces[0].box)),
    changeOutside: Math.min(...corners.map((box) => change(before(box), after(box)))),
  };
  await redactor.close();
  return result;
};

globalThis.playCamera = async () => {
  elements.defineIndicator();
  const indicator = document.createElement('bauta-indicator');
  document.body.prepend(indicator);
  const session = await bauta.openRedactionSession({ grant: await grant('camera'), source: { kind: 'camera' }, indicator });
  const video = document.querySelector('video');
  video.srcObject = new MediaStream([session.track]);
  await video.play();
  let frames = 0;
  while (frames < 5) {
    await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
    frames += 1;
  }
  const width = video.videoWidth;
  await session.close();
  return { frames, width, stoppedState: session.track.readyState };
};

document.title = 'ready';
`;
