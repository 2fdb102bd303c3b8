import type { Localised, Notice } from 'bauta';
import { noticeFor } from 'bauta/notices';

const both = (zh: string, en: string): Localised => ({ 'zh-CN': zh, en });

/** What the album page tells before it asks: the template's words, which are true of it as they are. */
export function albumNotice(): Notice {
  const { host, origin } = location;
  return noticeFor('processing', {
    noticeId: 'bauta-demo-album',
    version: '2026-11-1',
    validFrom: Date.UTC(2026, 10, 1),
    validUntil: Date.UTC(2028, 10, 1),
    service: both('本相册页面', 'this album page'),
    controller: { name: both(`${host} 的运营者`, `Whoever runs ${host}`), address: both(host, host), contact: origin },
    purposes: [{ purpose: 'album-grouping', retentionDays: 7, validForDays: 7 }],
    storedAt: 'device',
    alternative: both('不分组，自行查看照片', 'to look through your photos yourself, without groups'),
  });
}
