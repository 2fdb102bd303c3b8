// The command-line verifier as it is published: bin/ beside dist/, run by plain Node on files.
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { execPath } from 'node:process';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logFixture } from '../src/governance/audit/audit-fixture.contract.ts';
import { at } from './paths.mjs';

let folder;
let log;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bauta-audit-'));
  mkdirSync(join(folder, 'bin'));
  copyFileSync(at('bin', 'verify-audit.mjs'), join(folder, 'bin', 'verify-audit.mjs'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  compile(at('src', 'audit.ts'));
  log = await logFixture(20);
  writeFileSync(join(folder, 'log.jsonl'), log.text);
  writeFileSync(join(folder, 'head.json'), JSON.stringify(log.head));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One file as the build makes it, and all it imports: nothing but what lies in src may be reached. */
function compile(file, done = new Set()) {
  if (done.has(file)) return;
  done.add(file);
  const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true, rewriteRelativeImportExtensions: true };
  const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), { compilerOptions, fileName: file });
  const target = join(folder, 'dist', relative(at('src'), file)).replace(/\.ts$/, '.js');
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, outputText);
  for (const { fileName } of ts.preProcessFile(outputText).importedFiles) compile(join(dirname(file), fileName.replace(/\.js$/, '.ts')), done);
}

function verify(...args) {
  return new Promise((resolve) => {
    execFile(execPath, [join(folder, 'bin', 'verify-audit.mjs'), ...args], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

describe('the command-line verifier [MEG-audit]', () => {
  it('says that a log is intact', async () => {
    const { status, stdout, stderr } = await verify('log.jsonl', '--key', log.key.keyId, '--against', 'head.json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^INTACT: 20 entries, 5 signed heads\n/);
    expect(stdout).toContain('Heads from outside fit up to entry 20');
  });

  it('says what is not, and ends with 1', async () => {
    writeFileSync(join(folder, 'edited.jsonl'), log.text.replace('"count":7', '"count":8'));
    const { status, stdout } = await verify('edited.jsonl');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^NOT INTACT: 1 fault/);
    expect(stdout).toContain('edited, line 10, entry 8: was edited');
  });

  it('shows against an earlier export that the log was cut', async () => {
    const lines = log.text.split('\n');
    writeFileSync(join(folder, 'cut.jsonl'), `${lines.slice(0, lines.findIndex((line) => line.startsWith('{"head"')) + 1).join('\n')}\n`);
    expect((await verify('cut.jsonl')).status).toBe(0);
    const { status, stdout } = await verify('cut.jsonl', '--against', 'log.jsonl', '--json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ intact: false, entryCount: 5 });
    expect(JSON.parse(stdout).faults).toContainEqual({ kind: 'truncated', line: null, sequences: [6, 20] });
  });

  it.each([
    ['no file', [], /name one file/],
    ['two files', ['log.jsonl', 'log.jsonl'], /name one file/],
    ['a file that is not there', ['nothing.jsonl'], /ENOENT/],
    ['a file that is no export', ['package.json'], /no audit export/],
    ['a head file without a head', ['log.jsonl', '--against', 'package.json'], /no signed head/],
    ['a key that is none', ['log.jsonl', '--key', 'abc'], /64 lower-case/],
    ['an option without its value', ['log.jsonl', '--against'], /needs a value/],
    ['an unknown option', ['log.jsonl', '--force'], /unknown option --force/],
  ])('ends with 2 for %s', async (_name, args, message) => {
    const { status, stdout, stderr } = await verify(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('tells how it is used', async () => {
    expect(await verify('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('usage:') });
  });
});
