// The examples of the documents compile against the library as it is.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { at } from './paths.mjs';

const examplesOf = (name) => [...readFileSync(at('docs', name), 'utf8').matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code);
const examples = ['consent.md', 'features.md', 'review.md'].flatMap(examplesOf);
/** Examples import what another one makes. */
const SHARED = { notice: examples.find((code) => code.includes('export const notice')), ledger: examples.find((code) => code.includes('export const ledger')) };

it('the examples of the documents compile', () => {
  expect(examples.length).toBeGreaterThan(5);
  const folder = at('docs', 'examples');
  const files = new Map(examples.map((code, index) => [join(folder, `example-${index}.ts`), `${code}\nexport {};\n`]));
  for (const [name, code] of Object.entries(SHARED)) files.set(join(folder, `${name}.ts`), code);
  const { config } = ts.readConfigFile(at('tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, at());
  Object.assign(options, {
    noEmit: true,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    paths: { bauta: [at('src', 'index.ts')], 'bauta/elements': [at('src', 'elements', 'index.ts')], 'bauta/*': [at('src', '*.ts')] },
  });
  const host = ts.createCompilerHost(options);
  const { directoryExists, fileExists, readFile, getSourceFile } = host;
  host.directoryExists = (path) => path === folder || directoryExists(path);
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.readFile = (path) => files.get(path) ?? readFile(path);
  host.getSourceFile = (path, target) => (files.has(path) ? ts.createSourceFile(path, files.get(path), target, true) : getSourceFile(path, target));
  const program = ts.createProgram([...files.keys()], options, host);
  const faults = [...files.keys()].flatMap((path) => {
    const source = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(({ messageText }) => `${path}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
  });
  expect(faults).toEqual([]);
}, 60_000);
