import type { TemplateLanguage } from '../consent/notice-templates.ts';
import type { Disclosure } from './disclosure.ts';
import { DISCLOSURE_TEXTS } from './texts.ts';

/** A table in one language: what stands in it is text, to be escaped by whoever writes it. */
interface Table {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  readonly note: string | null;
}

interface Cell {
  readonly text: string;
  /** https only. */
  readonly link?: string;
}

/** A disclosure as a text in Markdown. */
export function disclosureAsMarkdown(disclosure: Disclosure, language: TemplateLanguage): string {
  const lines = [`# ${inMarkdown(textsOf(language).title)}`];
  for (const { caption, columns, rows, note } of tablesOf(disclosure, language)) {
    const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
    lines.push('', `## ${inMarkdown(caption)}`, '', row(columns.map(inMarkdown)), row(columns.map(() => '---')));
    for (const cells of rows) lines.push(row(cells.map(({ text, link }) => (link === undefined ? inMarkdown(text) : `[${inMarkdown(text)}](<${link}>)`))));
    if (note !== null) lines.push('', inMarkdown(note));
  }
  return `${lines.join('\n')}\n`;
}

/** A disclosure as a section in HTML, without scripts or styles: for the app's own page. */
export function disclosureAsHtml(disclosure: Disclosure, language: TemplateLanguage): string {
  const lines = [`<section lang="${language}">`, `<h1>${inHtml(textsOf(language).title)}</h1>`];
  for (const { caption, columns, rows, note } of tablesOf(disclosure, language)) {
    lines.push('<table>', `<caption>${inHtml(caption)}</caption>`, `<thead><tr>${columns.map((column) => `<th scope="col">${inHtml(column)}</th>`).join('')}</tr></thead>`, '<tbody>');
    for (const cells of rows) {
      const written = cells.map(({ text, link }, index) => {
        const content = link === undefined ? inHtml(text) : `<a href="${inHtml(link)}" rel="noreferrer">${inHtml(text)}</a>`;
        return index === 0 ? `<th scope="row">${content}</th>` : `<td>${content}</td>`;
      });
      lines.push(`<tr>${written.join('')}</tr>`);
    }
    lines.push('</tbody>', '</table>');
    if (note !== null) lines.push(`<p>${inHtml(note)}</p>`);
  }
  lines.push('</section>');
  return `${lines.join('\n')}\n`;
}

function tablesOf({ personalInformation, permissions, components }: Disclosure, language: TemplateLanguage): Table[] {
  const texts = textsOf(language);
  const { columns: c, tables } = texts;
  const necessity = (necessary: boolean): string => (necessary ? texts.necessary : texts.optional);
  const cells = (...all: string[]): Cell[] => all.map((text) => ({ text }));
  return [
    {
      caption: tables.personalInformation,
      columns: [c.type, c.purpose, c.method, c.necessity, c.retention, c.place],
      rows: personalInformation.map((row) => cells(row.type[language], row.purpose[language], row.method[language], necessity(row.necessary), row.retention[language], row.place[language])),
      note: null,
    },
    {
      caption: tables.permissions,
      columns: [c.permission, c.purpose, c.when, c.necessity, c.refusal],
      rows: permissions.map((row) => cells(row.name[language], row.purpose[language], row.when[language], necessity(row.necessary), row.refusal[language])),
      note: null,
    },
    {
      caption: tables.components,
      columns: [c.component, c.provider, c.licence, c.purpose, c.data, c.files],
      rows: components.map(({ name, version, provider, licence, link, purpose, personalInformation: data, files }) => [
        { text: `${name} ${version}`, ...(/^https:\/\/[^\s<>"']+$/.test(link) ? { link } : {}) },
        ...cells(provider, licence, purpose[language], data[language], files.length === 0 ? texts.inPackage : files.map(({ file, sha256 }) => (sha256 === null ? file : `${file} (SHA-256 ${sha256})`)).join(texts.join)),
      ]),
      note: texts.nothingSent,
    },
  ];
}

function textsOf(language: TemplateLanguage): (typeof DISCLOSURE_TEXTS)[TemplateLanguage] {
  if (!Object.hasOwn(DISCLOSURE_TEXTS, language)) throw new TypeError(`language must be one of ${Object.keys(DISCLOSURE_TEXTS).join(', ')}, got '${String(language)}'.`);
  return DISCLOSURE_TEXTS[language];
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function inHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => ENTITIES[char] ?? '');
}

/** Nothing in a text makes markup, another cell or another line. */
function inMarkdown(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]<>()#+!|&~-]/g, (char) => `\\${char}`);
}
