// Shows that the checks catch faults: a small project with our configuration, first sound, then with faults planted.
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { env, execPath } from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findUndocumented } from './check/docblocks.mjs';
import { findPackageFaults } from './check/package.mjs';
import { findRecognition } from './check/root-entry.mjs';
import { at } from './paths.mjs';
import { runCommand } from './run-command.mjs';

/** Compilers and linters on a project of faults: slow, and their configuration changes seldom. */
const isPatient = env['BAUTA_SLOW_TESTS'] === '1';

const PACKAGE = {
  name: 'bauta',
  version: '0.0.0',
  license: 'Apache-2.0',
  type: 'module',
  sideEffects: false,
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
  files: ['dist'],
  dependencies: { comlink: '4.4.2' },
};

const SOUND = {
  'package.json': JSON.stringify(PACKAGE),
  'src/index.ts': `export { makeFrame } from './video/redaction/compose.ts';\nexport type { RedactedFrame, RedactedTrack } from './core/redacted.ts';\n`,
  'src/core/redacted.ts': `
declare const mark: unique symbol;
/** A covered frame. */
export type RedactedFrame = { readonly size: number; readonly [mark]: 1 };
/** A covered track. */
export type RedactedTrack = { readonly kind: string; readonly [mark]: 2 };
/** How it ended. */
export type End = 'done' | 'failed';
`,
  'src/governance/consent/gate.ts': `import type { End } from '../../core/redacted.ts';\nexport const gate = (): End => 'done';\n`,
  'src/assets/locations.ts': `export const worker = (): URL => new URL('../workers/x.js', import.meta.url);\n`,
  'src/video/redaction/compose.ts': `
import type { RedactedFrame } from '../../core/redacted.ts';
/** Covers. */
export const makeFrame = (): RedactedFrame => ({ size: 1 }) as RedactedFrame;
`,
  'src/video/output/track.ts': `
import type { RedactedTrack } from '../../core/redacted.ts';
export const makeTrack = (): RedactedTrack => ({ kind: 'video' }) as RedactedTrack;
`,
  'src/video/camera/capture.ts': `import { gate } from '../../governance/consent/gate.ts';\nexport const capture = gate;\n`,
  'src/video/pipeline.ts': `import { capture } from './camera/capture.ts';\nimport { makeFrame } from './redaction/compose.ts';\nexport const run = [capture, makeFrame];\n`,
  'src/features/embed.ts': `export const embed = 1;\n`,
  'workers/a.worker.ts': `import { makeFrame } from '../src/video/redaction/compose.ts';\nself.onmessage = () => { postMessage(makeFrame().size); };\n`,
  'demo/main.ts': `export const app = 1;\n`,
  'e2e/a.spec.ts': `export const spec = 1;\n`,
};

/** Import faults: the file that gets a line, the line, the rule that has to refuse it. */
const IMPORTS = [
  ['src/core/up.ts', `import '../governance/consent/gate.ts';`, 'layer-0-imports-downward'],
  ['src/assets/up.ts', `import '../video/pipeline.ts';`, 'layer-1-imports-downward'],
  ['src/assets/aside.ts', `import '../governance/consent/gate.ts';`, 'wings-of-layer-1-apart'],
  ['src/video/aside.ts', `import '../features/embed.ts';`, 'wings-of-layer-2-apart'],
  ['src/video/camera/aside.ts', `import '../redaction/compose.ts';`, 'stages-of-video-apart'],
  ['src/video/tracking/aside.ts', `import type { RedactedFrame } from '../redaction/mint.ts';\nexport type A = RedactedFrame;`, 'stages-of-video-apart'],
  ['src/video/camera/joiner.ts', `import '../pipeline.ts';`, 'stages-do-not-know-their-joiner'],
  ['src/core/roof.ts', `import '../consent.ts';`, 'nothing-below-the-roof-imports-it'],
  ['src/consent.ts', `import './index.ts';`, 'no-import-of-an-index'],
  ['src/session/open.ts', `import '../recognition/desk.ts';`, 'root-ships-no-recognition'],
  ['src/video/worker.ts', `import '../../workers/a.worker.ts';`, 'src-names-workers-by-url-only'],
  ['workers/b.worker.ts', `import '../src/governance/consent/gate.ts';`, 'workers-stay-below-the-roof'],
  ['src/vite/plugin.ts', `import '../core/redacted.ts';`, 'plugin-shares-the-policy-only'],
  ['src/core/plugin.ts', `import '../vite/plugin.ts';`, 'plugin-is-not-part-of-the-library'],
  ['demo/inside.ts', `import '../src/core/redacted.ts';`, 'apps-see-the-package-only'],
  ['e2e/inside.spec.ts', `import '../src/core/redacted.ts';`, 'apps-see-the-package-only'],
  ['e2e/page.spec.ts', `import '../demo/main.ts';`, 'e2e-uses-the-clip-only'],
  ['src/core/tested.ts', `import './tested.test.ts';`, 'no-test-in-the-product'],
  ['src/core/ring-a.ts', `import './ring-b.ts';`, 'no-cycle'],
  ['src/core/lost.ts', `import './nowhere.ts';`, 'imports-resolve'],
];
const IMPORT_SUPPORT = {
  'src/recognition/desk.ts': `import '../features/embed.ts';\n`,
  'src/video/redaction/mint.ts': `export type { RedactedFrame } from '../../core/redacted.ts';\n`,
  'src/core/tested.test.ts': `export const t = 1;\n`,
  'src/core/ring-b.ts': `import './ring-a.ts';\n`,
};

const frame = `import type { RedactedFrame } from '../../core/redacted.ts';\n`;
/** Lint faults: file, content, a part of the message. */
const LINT = [
  ['src/video/output/cast.ts', `${frame}export const f = (x: object): RedactedFrame => x as RedactedFrame;`, 'Only src/video/redaction/ mints a RedactedFrame'],
  ['src/video/camera/cast.ts', `${frame}export const f = (x: unknown) => [x as RedactedFrame | null];`, 'Only src/video/redaction/ mints a RedactedFrame'],
  ['src/video/camera/guess.ts', `${frame}export const f = (x: unknown): x is RedactedFrame => x !== null;`, 'Only src/video/redaction/ mints a RedactedFrame'],
  ['src/video/redaction/cast.ts', `import type * as R from '../../core/redacted.ts';\nexport const f = (x: object) => x as R.RedactedTrack;`, 'Only src/video/output/ mints a RedactedTrack'],
  ['src/core/floating.ts', `export const f = (): void => { Promise.reject(new Error('x')); };`, 'Promises must be awaited'],
  ['src/core/misused.ts', `export const f = (l: number[]): void => { l.forEach(async () => { await Promise.resolve(); }); };`, 'Promise returned in function argument'],
  ['src/core/print.ts', `export const f = (): void => { console.log(1); };`, 'Unexpected console statement'],
  ['src/core/choice.ts', `import type { End } from './redacted.ts';\nexport function f(e: End): number { switch (e) { case 'done': return 1; } return 2; }`, 'Switch is not exhaustive'],
  ['src/core/value-import.ts', `import { End } from './redacted.ts';\nexport const e: End = 'done';`, 'only used as types'],
  ['src/core/default.ts', `const x = 1;\nexport default x;`, 'Named exports only'],
  ['src/core/star.ts', `export * from './redacted.ts';`, 'Name what is exported'],
  ['src/core/no-await.ts', `export const f = async (): Promise<number> => 1;`, "has no 'await' expression"],
  ['src/core/swallow.ts', `export const f = (): void => { try { f(); } catch {} };`, 'A swallowed error can hide a leak'],
  ['src/core/reject.ts', `export const f = (p: Promise<void>): void => { p.catch(() => {}); };`, 'A swallowed rejection can hide a leak'],
  ['src/core/url.ts', `export const f = new URL('./x.js', import.meta.url);`, 'src/assets/ only'],
  ['src/core/any.ts', `export const f = (x: any): number => 1;`, 'Unexpected `any`'],
];

let root;

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'bauta-check-')));
  symlinkSync(at('node_modules'), join(root, 'node_modules'));
  for (const file of ['.oxlintrc.json', 'scripts/check/restrictions.mjs', '.dependency-cruiser.cjs', 'tsconfig.base.json', 'tsconfig.json', 'workers/tsconfig.json']) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    cpSync(at(file), join(root, file));
  }
  write(SOUND);
});

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

function write(files) {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
}

function remove(files) {
  for (const file of files) rmSync(join(root, file), { force: true });
}

const node = (script, ...args) => runCommand(execPath, [at('node_modules', script), ...args], { quiet: true, cwd: root });

async function layerFaults() {
  const { output } = await node('dependency-cruiser/bin/dependency-cruise.mjs', '--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src', 'workers', 'demo', 'e2e');
  return JSON.parse(output.slice(output.indexOf('{'))).summary.violations.map(({ rule, from }) => `${from}: ${rule.name} (${rule.severity})`);
}

async function lintFaults() {
  const { output } = await node('oxlint/bin/oxlint', '.', '--format', 'json');
  return JSON.parse(output.slice(output.indexOf('{'))).diagnostics.map(({ filename, message }) => `${filename}: ${message}`);
}

describe.skipIf(!isPatient)('layers', () => {
  test('a sound project passes', async () => {
    expect(await layerFaults()).toEqual([]);
  });

  describe('planted faults', () => {
    let faults;
    beforeAll(async () => {
      write(IMPORT_SUPPORT);
      write(Object.fromEntries(IMPORTS.map(([file, line]) => [file, `${line}\n`])));
      faults = await layerFaults();
      remove([...Object.keys(IMPORT_SUPPORT), ...IMPORTS.map(([file]) => file)]);
    });

    test.each(IMPORTS)('%s: %s is refused by %s', (file, _line, rule) => {
      expect(faults).toContain(`${file}: ${rule} (error)`);
    });
  });
});

describe.skipIf(!isPatient)('lint', () => {
  test('a sound project passes', async () => {
    expect(await lintFaults()).toEqual([]);
  }, 60_000);

  describe('planted faults', () => {
    let faults;
    beforeAll(async () => {
      write(Object.fromEntries(LINT.map(([file, text]) => [file, `${text}\n`])));
      faults = await lintFaults();
      remove(LINT.map(([file]) => file));
    }, 60_000);

    test.each(LINT)('%s', (file, _text, message) => {
      expect(faults.filter((fault) => fault.startsWith(`${file}: `)).join('\n')).toContain(message);
    });
  });
});

describe.skipIf(!isPatient)('types', () => {
  test('a worker that reaches the DOM is refused, the sound one is not', async () => {
    expect(await node('typescript/bin/tsc', '-p', 'workers')).toMatchObject({ status: 0 });
    write({ 'src/video/redaction/dom.ts': `export const title = (): string => document.title;\n`, 'workers/c.worker.ts': `import '../src/video/redaction/dom.ts';\n` });
    const { status, output } = await node('typescript/bin/tsc', '-p', 'workers', '--pretty', 'false');
    remove(['src/video/redaction/dom.ts', 'workers/c.worker.ts']);
    expect(status).not.toBe(0);
    expect(output).toContain("Cannot find name 'document'");
  }, 60_000);
});

describe('docblocks', () => {
  test('every export and method without prose is named', () => {
    expect(findUndocumented(root)).toEqual([]);
    const text = `
export interface Desk {
  open(): void;
  /** Closes. */
  close(): void;
  /** @internal */
  hidden(): void;
}
/** Documented. */
export class Door { #secret(): void {} knock(): void { this.#secret(); } private lock(): void {} }
/** @throws never */
export const bare = 1;
`;
    write({ 'src/core/desk.ts': text, 'src/index.ts': `${SOUND['src/index.ts']}export { Door, bare } from './core/desk.ts';\nexport type { Desk } from './core/desk.ts';\n` });
    const gaps = findUndocumented(root);
    remove(['src/core/desk.ts']);
    write({ 'src/index.ts': SOUND['src/index.ts'] });
    expect(gaps.map((gap) => gap.replace(/ has.*/, '')).sort()).toEqual(['Desk', 'Desk.open', 'Door.knock', 'bare']);
  }, 60_000);
});

describe('package', () => {
  const built = { 'dist/index.js': `import 'comlink';\nexport const a = 1;\n`, 'dist/index.d.ts': `export declare const a = 1;\n` };

  test('imports that an app does not get are refused', async () => {
    write(built);
    expect(await findPackageFaults(root)).toEqual([]);
    write({ 'dist/index.js': `import 'vitest';\nimport 'node:fs';\nexport const a = 1;\n` });
    expect(await findPackageFaults(root)).toEqual([
      'dist/index.js imports vitest, which is not among the dependencies',
      'dist/index.js imports node:fs, which is not among the dependencies',
    ]);
  }, 60_000);

  test('an export that leads nowhere is refused', async () => {
    write(built);
    remove(['dist/index.d.ts']);
    expect((await findPackageFaults(root)).join('\n')).toMatch(/publint: .*index\.d\.ts/);
  }, 60_000);

  test('recognition in the root is refused, reached or named by URL [TAF-5.3d]', async () => {
    write({ 'dist/index.js': `export const a = 1;\n` });
    expect(await findRecognition(join(root, 'dist'), ['index.js'])).toEqual([]);
    write({
      'dist/features/compare.js': `export const compare = () => 1;\n`,
      'dist/desk.js': `export { compare } from './features/compare.js';\n`,
      'dist/index.js': `export { compare } from './desk.js';\nexport const model = () => new URL('../models/face-resnet.onnx', import.meta.url);\n`,
    });
    const faults = await findRecognition(join(root, 'dist'), ['index.js']);
    expect(faults).toHaveLength(2);
    expect(faults[0]).toBe('index.js brings features/compare.js along');
    expect(faults[1]).toContain('face-resnet.onnx');
    remove(['dist/features/compare.js', 'dist/desk.js']);
  }, 60_000);
});
