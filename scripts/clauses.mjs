#!/usr/bin/env node
// node scripts/clauses.mjs: writes docs/clauses.md, which says for each clause which tests show it. A test cites a clause
// by its ID in brackets in its title, or in the title of a describe around it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { argv, stdout } from 'node:process';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { CLAUSES, SOURCES } from './clauses/asked.mjs';
import { listFiles } from './fingerprint.mjs';
import { at } from './paths.mjs';

const FOLDERS = ['src', 'workers', 'models', 'demo', 'scripts', 'e2e'];
const TEST_FILE = /\.(test|spec)\.(ts|mjs)$|\.contract\.ts$/;
const CITATION = /\s*\[((?:TAF|MEG|TEN|CARD)-[^\]]*)\]/g;
/** The clauses that the checks insist on. */
export const DUE = CLAUSES.filter(({ due }) => due).map(({ id }) => id);

/**
 * @typedef {{ id: string, file: string, title: string }} Citation
 * @param {string} [root] of the project.
 * @returns {Citation[]}
 */
export function collectCitations(root = at()) {
  return FOLDERS.flatMap((folder) => listFiles(join(root, folder)))
    .filter((file) => TEST_FILE.test(file) && !/node_modules|[/\\](dist|public)[/\\]/.test(file))
    .sort()
    .flatMap((file) => citationsOf(relative(root, file).replaceAll('\\', '/'), readFileSync(file, 'utf8')));
}

/**
 * The clauses that one test file cites. Skipped tests show nothing and do not count, nor do those that only the patient run (`slow(test)`).
 * @param {string} file
 * @param {string} text
 * @returns {Citation[]}
 */
export function citationsOf(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const citations = [];
  const visit = (node, inherited) => {
    const call = ts.isCallExpression(node) ? testCall(node) : null;
    if (call?.skipped) return;
    const cited = call === null ? inherited : [...inherited, ...idsIn(call.title)];
    if (call?.kind === 'test') {
      const title = call.title.replaceAll(CITATION, '').replaceAll(/%[sdifjo]|\$\w+/g, '…').trim();
      for (const id of new Set(cited)) citations.push({ id, file, title });
    }
    ts.forEachChild(node, (child) => visit(child, cited));
  };
  visit(source, []);
  return citations;
}

/** What a call of it, test or describe is, in any of their forms; null for every other call. */
function testCall(node) {
  const [title] = node.arguments;
  if (title === undefined) return null;
  const names = nameParts(node.expression);
  const kind = names.includes('describe') ? 'describe' : names[0] === 'it' || names[0] === 'test' ? 'test' : null;
  const text = kind === null ? null : titleText(title);
  if (text === null) return null;
  // A hook, a fixture or a table of cases is no test.
  if (kind === 'test' && names.slice(1).some((name) => ['each', 'for', 'step', 'beforeAll', 'beforeEach', 'afterAll', 'afterEach'].includes(name)) && !ts.isCallExpression(node.expression)) return null;
  return { kind, title: text, skipped: names.some((name) => ['skip', 'todo', 'fixme'].includes(name)) };
}

/** `test.describe.each([...])` -> ['test', 'describe', 'each']. */
function nameParts(expression) {
  if (ts.isIdentifier(expression)) return [expression.text];
  if (ts.isPropertyAccessExpression(expression)) return [...nameParts(expression.expression), expression.name.text];
  if (ts.isCallExpression(expression)) return nameParts(expression.expression);
  if (ts.isTaggedTemplateExpression(expression)) return nameParts(expression.tag);
  // `(quick ? test : slow(test))(...)`
  if (ts.isParenthesizedExpression(expression)) return nameParts(expression.expression);
  if (ts.isConditionalExpression(expression)) return [expression.whenTrue, expression.whenFalse].map(nameParts).find(([name]) => name === 'test') ?? [];
  return [];
}

function titleText(node) {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('');
  return null;
}

/** `[TAF-5.1a]`, `[TAF-5.1a, MEG-sign]` and `[TAF-5.2b/c]` (two clauses). */
function idsIn(title) {
  return [...title.matchAll(CITATION)]
    .flatMap(([, inner]) => inner.split(/[,;\s]+/))
    .flatMap((id) => {
      const [first = '', ...letters] = id.split('/');
      return [first, ...letters.map((letter) => first.slice(0, -1) + letter)];
    });
}

/**
 * What is wrong with the citations: an ID that no clause has, a clause that is due without a test.
 * @param {readonly Citation[]} citations
 * @returns {string[]}
 */
export function findClauseFaults(citations) {
  const known = new Set(CLAUSES.map(({ id }) => id));
  const cited = new Set(citations.map(({ id }) => id));
  return [
    ...citations.filter(({ id }) => !known.has(id)).map(({ id, file, title }) => `${file}: "${title}" cites ${id}, which is no clause (scripts/clauses/asked.mjs)`),
    ...DUE.filter((id) => !cited.has(id)).map((id) => `${id} has no test: cite it as [${id}] in the title of the test that shows it`),
  ];
}

/**
 * @param {readonly Citation[]} citations
 * @returns {string} the text of docs/clauses.md.
 */
export function renderClauses(citations) {
  const lines = [
    '# Clauses and the tests that show them',
    '',
    'Written by `npm run clauses` from the titles of the tests; `npm run check` fails when it is stale or when a due clause has no test. What a clause asks is said in our own words; its source decides. A test shows a behaviour, an assessor judges conformity.',
  ];
  for (const { prefix, name } of SOURCES) {
    const clauses = CLAUSES.filter(({ id }) => id.startsWith(`${prefix}-`));
    const shown = clauses.filter(({ id, due }) => due || citations.some((citation) => citation.id === id));
    if (shown.length === 0) continue;
    lines.push('', `## ${name}`);
    for (const { id, asks } of shown) {
      lines.push('', `### ${id}`, '', asks, '');
      const tests = citations.filter((citation) => citation.id === id);
      if (tests.length === 0) lines.push('No test yet.');
      for (const file of new Set(tests.map((test) => test.file))) {
        lines.push(`- \`${file}\``);
        const titles = new Set(tests.filter((test) => test.file === file).map((test) => test.title));
        for (const title of titles) lines.push(`  - ${title.replaceAll(/([<>*_`|[\]])/g, '\\$1')}`);
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Where the document is. */
export const CLAUSES_FILE = at('docs', 'clauses.md');

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href) {
  const citations = collectCitations();
  writeFileSync(CLAUSES_FILE, renderClauses(citations));
  const faults = findClauseFaults(citations);
  stdout.write(`docs/clauses.md: ${new Set(citations.map(({ id }) => id)).size} clauses, ${citations.length} citations\n`);
  for (const fault of faults) stdout.write(`  ${fault}\n`);
}
