import { FacePrivacyError } from '../core/errors.ts';
import { ZipWriter, type ZippedFile } from '../core/zip-writer.ts';
import type { EpochMs } from '../core/time.ts';
import type { RetentionItem } from '../governance/retention/item.ts';
import type { RightsRequest } from '../governance/rights/request.ts';
import type { RightStep } from '../governance/rights/rights-plan.ts';
import { COPY_TEXTS, type CopyTexts } from './rights-copy-texts.ts';
import type { CopyFault, CopyFile } from './rights-holding.ts';

/** @internal What a copy is made of. */
export interface CopyParts {
  readonly request: Pick<RightsRequest, 'requestId' | 'right' | 'dataSubject'>;
  readonly origin: string;
  readonly madeAt: EpochMs;
  /** Everything that is kept of the person. */
  readonly items: readonly RetentionItem[];
  /** What is done with each: `copy`, or left and why. */
  readonly steps: readonly RightStep[];
  readonly files: AsyncIterable<CopyFile | CopyFault>;
  readonly signal?: AbortSignal | undefined;
  readonly onFile?: ((path: string) => void) | undefined;
}

/** @internal A copy, and what could not be copied. */
export interface MadeCopy {
  readonly zip: Blob;
  readonly faults: readonly CopyFault[];
}

interface Contents {
  readonly parts: CopyParts;
  readonly files: readonly (ZippedFile & { readonly mimeType: string })[];
  readonly faults: readonly CopyFault[];
}

const LANGUAGES = ['zh-CN', 'en'] as const;

/**
 * @internal Writes the copy: files as they come, then what lists them for people and for machines. What cannot be read is listed, the rest is there.
 * @throws FacePrivacyError ERR_ABORTED, ERR_MEDIA_INVALID (`too-large`), ERR_STORAGE_FAILED.
 */
export async function writeCopy(parts: CopyParts): Promise<MadeCopy> {
  const zip = new ZipWriter(parts.madeAt);
  const files: (ZippedFile & { mimeType: string })[] = [];
  const faults: CopyFault[] = [];
  for await (const file of parts.files) {
    assertWanted(parts.signal);
    if ('fault' in file) {
      faults.push(file);
      continue;
    }
    parts.onFile?.(file.path);
    files.push({ ...(await zip.add(file.path, file.content)), mimeType: file.mimeType });
  }
  const contents: Contents = { parts, files, faults };
  await zip.add('contents.json', `${JSON.stringify(listed(contents), null, 2)}\n`);
  await zip.add('index.html', pageOf(contents));
  await zip.add('README.txt', `${LANGUAGES.map((language) => [COPY_TEXTS[language].title, '', ...COPY_TEXTS[language].readMe].join('\n')).join('\n\n----\n\n')}\n`);
  return { zip: zip.finish(), faults };
}

function listed({ parts, files, faults }: Contents): object {
  const { request: { requestId, right, dataSubject }, origin, madeAt, items, steps } = parts;
  const byId = new Map(steps.map((step) => [step.itemId, step]));
  return {
    kind: 'bauta-rights-copy',
    version: 1,
    requestId,
    right,
    dataSubject,
    origin,
    madeAt,
    items: items.map(({ itemId, category, purpose, createdAt, expiresAt, ending, holds }) => {
      const step = byId.get(itemId);
      return { itemId, category, purpose, createdAt, expiresAt, ending, disputes: holds.length, copied: isCopied(itemId, step, faults), ...(step?.effect === 'none' ? { because: step.because } : {}) };
    }),
    files,
    faults,
  };
}

function isCopied(itemId: string, step: RightStep | undefined, faults: readonly CopyFault[]): boolean {
  return step?.effect === 'copy' && !faults.some((fault) => fault.itemId === itemId);
}

/** One page in both languages, without scripts and without a network. */
function pageOf(contents: Contents): string {
  return [
    '<!doctype html>',
    '<html lang="zh-CN">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; media-src 'self' file:; base-uri 'none'; form-action 'none'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${LANGUAGES.map((language) => inHtml(COPY_TEXTS[language].title)).join(' · ')}</title>`,
    '<style>body{font:1rem/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}table{border-collapse:collapse;width:100%;font-size:.875rem}th,td{text-align:start;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #8888}video{max-width:100%;max-height:70vh}dt{font-weight:600}section+section{margin-top:4rem}</style>',
    '</head>',
    '<body>',
    ...LANGUAGES.map((language) => sectionOf(contents, language)),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function sectionOf({ parts, files, faults }: Contents, language: (typeof LANGUAGES)[number]): string {
  const texts = COPY_TEXTS[language];
  const { request: { requestId, dataSubject }, origin, madeAt, items, steps } = parts;
  const when = (at: EpochMs): string => new Date(at).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' });
  const byId = new Map(steps.map((step) => [step.itemId, step]));
  const media = files.filter(({ mimeType }) => mimeType.startsWith('video/'));
  return [
    `<section lang="${language}">`,
    `<h1>${inHtml(texts.title)}</h1>`,
    `<p>${inHtml(texts.intro)}</p>`,
    '<dl>',
    ...([[texts.request, requestId], [texts.person, dataSubject], [texts.from, origin], [texts.madeAt, when(madeAt)]] as const).map(([name, value]) => `<dt>${inHtml(name)}</dt><dd>${inHtml(value)}</dd>`),
    '</dl>',
    faults.length === 0 ? '' : `<p><strong>${inHtml(texts.damaged)}</strong></p>`,
    tableOf(texts.kept, texts.keptColumns, items.map((item) => [texts.categories[item.category], when(item.createdAt), when(item.expiresAt), hereOf(item, byId.get(item.itemId), faults, texts)])),
    ...(media.length === 0 ? [] : [`<h2>${inHtml(texts.media)}</h2>`, ...media.map(({ path }) => `<figure><video controls preload="metadata" src="${inHtml(path)}"></video><figcaption>${inHtml(path)}</figcaption></figure>`)]),
    tableOf(texts.files, texts.fileColumns, files.map(({ path, bytes, sha256 }) => [path, String(bytes), sha256])),
    '</section>',
  ].join('\n');
}

function hereOf({ itemId }: RetentionItem, step: RightStep | undefined, faults: readonly CopyFault[], texts: CopyTexts): string {
  if (isCopied(itemId, step, faults)) return texts.copied;
  return step?.effect === 'none' ? texts.because[step.because] : texts.because.damaged;
}

function tableOf(caption: string, columns: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const head = columns.map((column) => `<th scope="col">${inHtml(column)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${inHtml(cell)}</td>`).join('')}</tr>`).join('\n');
  return `<h2>${inHtml(caption)}</h2>\n<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody>\n</table>`;
}

function inHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** @internal @throws FacePrivacyError ERR_ABORTED. */
export function assertWanted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new FacePrivacyError('ERR_ABORTED', 'It was cancelled. What was done stays done; the request can be carried on.', { cause: signal.reason });
}
