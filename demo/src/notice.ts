import type { Localised, Notice } from 'bauta';
import { noticeFor } from 'bauta/notices';

const both = (zh: string, en: string): Localised => ({ 'zh-CN': zh, en });

/**
 * What this page tells before it asks. The template's words are true of this page but for saving, which here means that
 * the person keeps a picture on their own device: that purpose says so itself.
 */
export function demoNotice(): Notice {
  const { host, origin } = location;
  const notice = noticeFor('upload', {
    noticeId: 'bauta-demo',
    version: '2026-11-2',
    validFrom: Date.UTC(2026, 10, 1),
    validUntil: Date.UTC(2028, 10, 1),
    service: both('本演示页面', 'this demo page'),
    controller: { name: both(`${host} 的运营者`, `Whoever runs ${host}`), address: both(host, host), contact: origin },
    purposes: [
      { purpose: 'live-redacted-view', retentionDays: 0, validForDays: 1 },
      { purpose: 'redacted-recording', retentionDays: 0, validForDays: 1 },
    ],
    storedAt: 'device',
    place: both('本屏幕前', 'this place'),
    whenNotVisible: 'cover',
    inBackground: 'cover',
  });
  const saving = {
    title: both('保存遮挡后的画面', 'Save a covered picture'),
    description: both('每当您点击“保存画面”时，把当时遮挡后的画面交给您。不同意不影响其他功能。', 'Each time you press “Save picture”, the covered picture of that moment is handed to you. Everything else works without it.'),
    method: both('浏览器把画面作为文件下载到您的设备上，由您自行保管。本页面不保留副本。', 'Your browser downloads the picture as a file onto your device, where it is yours to keep. The page keeps no copy.'),
    scope: both('您点击时的一帧画面。', 'One picture, of the moment of your press.'),
    dataCategories: [both('遮挡面部后的画面', 'The picture with faces covered')],
  };
  return { ...notice, purposes: notice.purposes.map((purpose) => (purpose.purpose === 'redacted-recording' ? { ...purpose, ...saving } : purpose)) };
}
