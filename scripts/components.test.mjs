import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BUNDLED_COMPONENTS } from '../src/governance/disclosure/bundled-components.ts';
import { componentsSource, listComponents, writeComponents } from './build/components.mjs';
import { at } from './paths.mjs';

const weights = JSON.parse(readFileSync(at('models', 'manifest.json'), 'utf8')).filter(({ kind, file }) => kind === 'model' || file.endsWith('.wasm'));
const { dependencies } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
const version = (name) => JSON.parse(readFileSync(at('node_modules', name, 'package.json'), 'utf8')).version;

describe('components of others [MEG-disclose]', () => {
  it('are listed from what a build contains: modules of a bundle, models, and what is installed along', () => {
    const bundled = new Map([['workers/a.worker.js', [at('node_modules', 'comlink', 'dist', 'esm', 'comlink.mjs'), at('src', 'core', 'time.ts')]]]);
    const found = listComponents({ bundled, weights: weights.slice(0, 1), dependencies: ['idb'] });
    expect(found.map(({ name, version: of, files }) => [name, of, files])).toEqual([
      ['@mediapipe/face_detection', version('@mediapipe/face_detection'), [{ file: `models/${weights[0].file}`, sha256: weights[0].sha256 }]],
      ['comlink', version('comlink'), [{ file: 'workers/a.worker.js', sha256: null }]],
      ['idb', version('idb'), []],
    ]);
  });

  it('cannot be shipped without words for them', () => {
    const bundled = new Map([['workers/a.worker.js', [at('node_modules', 'flatbuffers', 'mjs', 'flatbuffers.js')]]]);
    expect(() => listComponents({ bundled, weights: [], dependencies: [] })).toThrow(/flatbuffers is shipped, and nobody has written what for/);
  });

  it('in the sources are those of the models and packages there are', () => {
    const listed = new Map(BUNDLED_COMPONENTS.map((component) => [component.name, component]));
    for (const name of Object.keys(dependencies)) expect(listed.get(name)?.version, name).toBe(version(name));
    for (const { kind, file, sha256, source } of weights) {
      for (const { package: name, version: of } of source) {
        expect(listed.get(name)).toMatchObject({ version: of, files: expect.arrayContaining([{ file: `${kind === 'runtime' ? 'runtime' : 'models'}/${file}`, sha256 }]) });
      }
    }
    expect(readFileSync(at('src', 'governance', 'disclosure', 'bundled-components.ts'), 'utf8')).toBe(componentsSource(BUNDLED_COMPONENTS));
  });

  it('are put into the package as JSON and, where an entry reaches it, as a module', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bauta-components-'));
    try {
      writeComponents(folder, [{ name: 'x' }]);
      expect(JSON.parse(readFileSync(join(folder, 'components.json'), 'utf8'))).toEqual([{ name: 'x' }]);
      mkdirSync(join(folder, 'governance', 'disclosure'), { recursive: true });
      writeFileSync(join(folder, 'governance', 'disclosure', 'bundled-components.js'), '');
      writeComponents(folder, [{ name: 'y' }]);
      expect(readFileSync(join(folder, 'governance', 'disclosure', 'bundled-components.js'), 'utf8')).toContain('export const BUNDLED_COMPONENTS = [{"name":"y"}]');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
