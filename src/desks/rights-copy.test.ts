import { strFromU8, unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import type { RetentionItem } from '../governance/retention/item.ts';
import { writeCopy } from './rights-copy.ts';
import type { CopyFile } from './rights-holding.ts';

const NOW = Date.UTC(2026, 10, 22);
const hostile = '"><script src="//evil.example"></script><img onerror=x>';
const item: RetentionItem = { itemId: 'a', category: 'redacted-media', purpose: 'redacted-recording', dataSubject: hostile, createdAt: NOW, expiresAt: NOW, ending: null, holds: [], parts: {} };

async function* files(): AsyncIterable<CopyFile> {
  yield await Promise.resolve({ path: 'recordings/a/media.webm', mimeType: 'video/webm', content: 'media' });
}

describe('the copy of a person’s data [MEG-rights]', () => {
  it('is a page in both languages that runs nothing, whatever names are in it', async () => {
    const { zip } = await writeCopy({ request: { requestId: 'q', right: 'access', dataSubject: hostile }, origin: hostile, madeAt: NOW, items: [item], steps: [{ itemId: 'a', effect: 'copy' }], files: files() });
    const unzipped = unzipSync(new Uint8Array(await zip.arrayBuffer()));
    const page = strFromU8(unzipped['index.html']!);
    expect(page).not.toMatch(/<script|<img|onerror=x>/);
    expect(page).toContain('&#34;&#62;&#60;script');
    expect(page).toContain(`default-src 'none'`);
    expect(page).toContain('src="recordings/a/media.webm"');
    for (const language of ['zh-CN', 'en']) expect(page).toContain(`<section lang="${language}">`);
    expect(JSON.parse(strFromU8(unzipped['contents.json']!))).toMatchObject({ dataSubject: hostile, items: [{ itemId: 'a', copied: true }], files: [{ path: 'recordings/a/media.webm', bytes: 5 }], faults: [] });
    expect(strFromU8(unzipped['README.txt']!)).toMatch(/保存的关于您的内容[^]*What is kept of you/);
  });

  it('is given up when it is cancelled', async () => {
    const signal = AbortSignal.abort();
    await expect(writeCopy({ request: { requestId: 'q', right: 'port', dataSubject: 'p' }, origin: 'o', madeAt: NOW, items: [], steps: [], files: files(), signal })).rejects.toMatchObject({ code: 'ERR_ABORTED' });
  });
});
