import type { Localised, Notice } from 'bauta';
import { noticeFor } from 'bauta/notices';

const both = (zh: string, en: string): Localised => ({ 'zh-CN': zh, en });

/** What the page that enrols and compares tells before it asks: the template's words, which are true of it as they are. */
export function featuresNotice(): Notice {
  const { host, origin } = location;
  return noticeFor('upload', {
    noticeId: 'bauta-demo-features',
    version: '2026-11-1',
    validFrom: Date.UTC(2026, 10, 1),
    validUntil: Date.UTC(2028, 10, 1),
    service: both('本演示页面', 'this demo page'),
    controller: { name: both(`${host} 的运营者`, `Whoever runs ${host}`), address: both(host, host), contact: origin },
    purposes: [
      { purpose: 'live-redacted-view', retentionDays: 0, validForDays: 1 },
      { purpose: 'comparison', retentionDays: 1, validForDays: 1 },
    ],
    storedAt: 'device',
    alternative: both('本演示的首页，它不做任何比对', 'the first page of this demo, which compares nothing'),
    whenNotVisible: 'cover',
    inBackground: 'cover',
  });
}
