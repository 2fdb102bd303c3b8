import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { citationsOf, collectCitations, DUE, findClauseFaults, renderClauses } from './clauses.mjs';
import { CLAUSES } from './clauses/asked.mjs';

const cite = (text) => citationsOf('a.test.ts', text).map(({ id, title }) => `${id}: ${title}`);
const full = () => DUE.map((id) => ({ id, file: 'src/a.test.ts', title: 'shows it' }));

describe('citationsOf', () => {
  it.each([
    ['a plain test', `it('asks first [TAF-5.1a]', () => {});`, ['TAF-5.1a: asks first']],
    ['two clauses', `test("asks [TAF-5.1a] [MEG-policy]", () => {});`, ['TAF-5.1a: asks', 'MEG-policy: asks']],
    ['two in one bracket', `it('asks [TAF-5.1a, MEG-policy]', () => {});`, ['TAF-5.1a: asks', 'MEG-policy: asks']],
    ['two letters of one section', `it('asks [TAF-5.2b/c]', () => {});`, ['TAF-5.2b: asks', 'TAF-5.2c: asks']],
    ['the same clause twice', `describe('x [TAF-4]', () => { it('y [TAF-4]', () => {}); });`, ['TAF-4: y']],
    ['a table of cases', `it.each([['[TAF-4]', 1]])('refuses %s [TAF-5.1g]', () => {});`, ['TAF-5.1g: refuses …']],
    ['a template', 'for (const n of names) test(`${n}: refused [TAF-5.1c]`, () => {});', ['TAF-5.1c: …: refused']],
    ['a describe around it', `test.describe('throttle [TAF-5.1d]', () => { test('waits', () => {}); });`, ['TAF-5.1d: waits']],
    ['describe.each', `describe.each(['a'])('scene %s [TAF-4]', () => { it('works', () => {}); });`, ['TAF-4: works']],
    ['a test without', `it('works', () => {});`, []],
    ['a skipped test', `it.skip('asks [TAF-5.1a]', () => {}); test.fixme('x [TAF-4]', () => {}); it.todo('y [TAF-4]');`, []],
    ['a skipped describe', `describe.skip('x [TAF-4]', () => { it('y', () => {}); });`, []],
    ['a comment and other strings', `// [TAF-4]\nconst a = '[TAF-4]'; expect(a).toBe('[TAF-4]');`, []],
    ['a bracket that is no citation', `it('gives [1, 2]', () => {});`, []],
  ])('reads %s', (_name, text, expected) => {
    expect(cite(text)).toEqual(expected);
  });
});

describe('collectCitations', () => {
  it('looks into unit, browser, contract and end-to-end tests, and nowhere else', () => {
    const root = mkdtempSync(join(tmpdir(), 'bauta-clauses-'));
    try {
      const files = ['src/a.test.ts', 'src/b/b.browser.test.ts', 'src/c.contract.ts', 'e2e/d/d.spec.ts', 'scripts/e.test.mjs', 'src/no.ts', 'demo/dist/no.test.ts', 'src/node_modules/no.test.ts'];
      for (const file of files) {
        mkdirSync(dirname(join(root, file)), { recursive: true });
        writeFileSync(join(root, file), `it('works [TAF-4]', () => {});`);
      }
      expect(collectCitations(root).map(({ file }) => file).sort()).toEqual(files.slice(0, 5).sort());
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});

describe('findClauseFaults', () => {
  it('is content when each due clause is cited', () => {
    expect(DUE).toHaveLength(35);
    expect(findClauseFaults(full())).toEqual([]);
  });

  it('names a due clause without a test, and a citation of no clause', () => {
    const faults = findClauseFaults([...full().slice(1), { id: 'TAF-9.9', file: 'src/b.test.ts', title: 'typo' }]);
    expect(faults).toEqual([
      'src/b.test.ts: "typo" cites TAF-9.9, which is no clause (scripts/clauses/asked.mjs)',
      'TAF-4 has no test: cite it as [TAF-4] in the title of the test that shows it',
    ]);
  });
});

describe('renderClauses', () => {
  it('lists each test once under its file, and says where there is none', () => {
    const citation = { id: 'TAF-4', file: 'src/a.test.ts', title: 'keeps <b> | x' };
    const text = renderClauses([citation, citation, { ...citation, file: 'e2e/b.spec.ts', title: 'walks' }]);
    expect(text).toContain('### TAF-4\n\n' + CLAUSES[0].asks + '\n\n- `src/a.test.ts`\n  - keeps \\<b\\> \\| x\n- `e2e/b.spec.ts`\n  - walks\n\n### TAF-5.1a\n');
    expect(text).toContain('### MEG-sign\n\nIn a public area a sign or notice says so.\n\nNo test yet.');
    expect(text).not.toContain('### TEN-nodevice');
  });
});
