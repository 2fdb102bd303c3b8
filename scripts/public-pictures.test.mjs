// What an app can get out of the library, read from the types of everything that it exports: pictures leave as
// RedactedTrack and RedactedBitmap, which only the redactor mints, and as nothing else.
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { at } from './paths.mjs';

const REDACTED = ['RedactedTrack', 'RedactedBitmap'];
/** Types of the platform that hold or give pictures. */
const PICTURES = new Set([
  'VideoFrame', 'ImageData', 'ImageBitmap', 'MediaStream', 'MediaStreamTrack', 'MediaStreamTrackProcessor', 'HTMLVideoElement', 'HTMLCanvasElement',
  'OffscreenCanvas', 'CanvasRenderingContext2D', 'ReadableStream', 'Blob', 'File', 'Uint8ClampedArray', 'Uint8Array', 'ArrayBuffer', 'SharedArrayBuffer', 'GPUTexture', 'WebGLTexture',
]);

/** What else leaves, and why it may. */
const OTHERWISE = new Map([
  ['FaceFeatures().extract(): ArrayBuffer', 'a feature vector, under a purpose of its own (TEN-vector)'],
  ['FaceAlbum().faces().feature.iv: Uint8Array', 'a sealed template (TEN-face-info)'],
  ['FaceAlbum().faces().feature.iv: ArrayBuffer', 'the same'],
  ['Recordings().open(): Blob', 'a recording, which is made of a RedactedTrack and of nothing else'],
  ['Recordings().stream(): ReadableStream', 'the same'],
  ['Recordings().stream(): Uint8Array', 'the same'],
  ['Recordings().stream(): ArrayBuffer', 'the same'],
  ['redactFile().media: Blob', 'a redacted file, written of redacted frames'],
  ['ConsentLedger().exportAudit(): Blob', 'the audit log: codes, ids, times'],
  ['BautaConsent().ledger.exportAudit(): Blob', 'the same'],
  ['shareRecording().bundle: Blob', 'a recording with manifest and receipt, after a second search'],
  ['Bundle().media: Blob', 'the recording in such a bundle, verified'],
  ['Rights().carryOut().copy: Blob', 'what is kept of a person, for that person: recordings among it, redacted'],
  ['Review().open().media: Blob', 'a recording, for staff; the face of an unmask is drawn in the worker and leaves it on no other way'],
  ['ReviewDesk().open().media: Blob', 'the same'],
  ['ReviewCase().media: Blob', 'the same'],
]);

/** Everything that an app gets from calls, properties, events and callbacks of what the entries export. */
function picturesOf(entries, sources = new Map()) {
  const { config } = ts.readConfigFile(at('tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, at());
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => sources.has(path) || fileExists(path);
  host.readFile = (path) => sources.get(path) ?? readFile(path);
  host.getSourceFile = (path, target) => (sources.has(path) ? ts.createSourceFile(path, sources.get(path), target, true) : getSourceFile(path, target));
  const program = ts.createProgram(entries, options, host);
  const checker = program.getTypeChecker();
  const found = [];
  const seen = new Set();

  const ours = (symbol) => symbol?.declarations?.some((node) => !program.isSourceFileDefaultLibrary(node.getSourceFile()) && !node.getSourceFile().fileName.includes('/node_modules/')) ?? false;
  const hidden = (node) => (node.name !== undefined && ts.isPrivateIdentifier(node.name)) || (ts.getCombinedModifierFlags(node) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0;
  const internal = (symbol) => symbol.declarations?.some((node) => hidden(node) || ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'internal')) ?? false;

  const walk = (type, place) => {
    const alias = type.aliasSymbol?.name;
    if (REDACTED.includes(alias)) {
      found.push(`${place}: ${alias}`);
      return;
    }
    if (seen.has(type)) return;
    seen.add(type);
    if (type.isUnionOrIntersection()) {
      for (const part of type.types) walk(part, place);
      return;
    }
    for (const argument of checker.getTypeArguments(type)) walk(argument, place);
    const { symbol } = type;
    if (symbol !== undefined && !ours(symbol)) {
      if (PICTURES.has(symbol.name)) found.push(`${place}: ${symbol.name}`);
      return;
    }
    if (type.isClassOrInterface()) for (const base of checker.getBaseTypes(type)) walk(base, place);
    for (const signature of [...type.getCallSignatures(), ...type.getConstructSignatures()]) calls(signature, place);
    for (const property of type.getProperties()) {
      if (!ours(property) || internal(property)) continue;
      walk(checker.getTypeOfSymbol(property), `${place}.${property.name}`);
    }
  };
  /** What a call gives back, and what it hands to the functions that it is given. */
  const calls = (signature, place) => {
    walk(signature.getReturnType(), `${place}()`);
    for (const parameter of signature.parameters) {
      for (const callback of checker.getNonNullableType(checker.getTypeOfSymbol(parameter)).getCallSignatures()) {
        for (const handed of callback.parameters) walk(checker.getTypeOfSymbol(handed), `${place}(${parameter.name})`);
      }
    }
  };

  for (const entry of entries) {
    for (const exported of checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entry)))) {
      // What one export gives does not hide what the next one does.
      seen.clear();
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      if (symbol.flags & ts.SymbolFlags.Value) walk(checker.getTypeOfSymbol(symbol), exported.name);
    }
  }
  return found;
}

/** The sources of the entries that package.json names, without the plugin, which runs in Node. */
function entries() {
  const { exports } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
  return Object.entries(exports)
    .filter(([name, target]) => typeof target === 'object' && name !== './vite')
    .map(([, { types }]) => at(types.replace('./dist/', 'src/').replace(/\.d\.ts$/, '.ts')));
}

describe('what an app gets', () => {
  it('holds pictures as redacted track and redacted bitmap only: nothing else can be passed on [TAF-5.4a]', () => {
    // What a class gives, its opening function gives.
    const found = [...new Set(picturesOf(entries()).map((line) => line.replace(/^open(?=[A-Z])/, '')))];
    expect([...OTHERWISE.keys()].filter((line) => !found.includes(line))).toEqual([]);
    expect(found.filter((line) => !OTHERWISE.has(line) && !REDACTED.some((name) => line.endsWith(`: ${name}`)))).toEqual([]);
    expect(new Set(found.filter((line) => !OTHERWISE.has(line)).map((line) => line.split(': ')[1]))).toEqual(new Set(REDACTED));
  }, 60_000);

  it('is looked through: calls, promises, properties, events and callbacks', () => {
    const file = at('src', 'planted.ts');
    const text = `
      import type { RedactedTrack } from './core/redacted-track.ts';
      import { TypedEventTarget } from './core/typed-events.ts';
      interface Report { readonly last: { readonly frame: VideoFrame | null } }
      interface Events { readonly frame: { readonly bitmap: ImageBitmap } }
      class Session extends TypedEventTarget<Events> {
        readonly track!: RedactedTrack;
        #raw!: MediaStreamTrack;
        /** @internal */
        source!: MediaStream;
      }
      export const open = (options: { readonly track: MediaStreamTrack }): Promise<Session> => Promise.reject(new Error(String(options)));
      export const report = (): readonly Report[] => [];
      export const each = (see: (pixels: ImageData) => void): void => { see(new ImageData(1, 1)); };
      export const fine = (blob: Blob): number => blob.size;
    `;
    expect(picturesOf([file], new Map([[file, text]])).sort()).toEqual([
      'each(see): ImageData',
      'open().frame.bitmap: ImageBitmap',
      'open().track: RedactedTrack',
      'report().last.frame: VideoFrame',
    ]);
  }, 60_000);
});
