import type { Localised, Notice, NoticePurpose, Purpose } from 'bauta';
import { noticeFor } from 'bauta/notices';

const both = (zh: string, en: string): Localised => ({ 'zh-CN': zh, en });

/** Types of recipients of what is shared. */
export const SHARED_WITH: readonly Localised[] = [
  both('处理投诉的机构', 'Bodies that handle complaints'),
  both('保险公司', 'Insurers'),
];

/**
 * What this page tells before it asks. The template's words are true of this page but for what happens to what is recorded:
 * those purposes say it themselves.
 */
export function demoNotice(): Notice {
  const { host, origin } = location;
  const notice = noticeFor('upload', {
    noticeId: 'bauta-demo',
    version: '2026-11-4',
    validFrom: Date.UTC(2026, 10, 1),
    validUntil: Date.UTC(2028, 10, 1),
    service: both('本演示页面', 'this demo page'),
    controller: { name: both(`${host} 的运营者`, `Whoever runs ${host}`), address: both(host, host), contact: origin },
    purposes: [
      { purpose: 'live-redacted-view', retentionDays: 0, validForDays: 1 },
      { purpose: 'redacted-recording', retentionDays: 1, validForDays: 1 },
      { purpose: 'sound-recording', retentionDays: 1, validForDays: 1 },
      { purpose: 'sealed-originals', retentionDays: 1, validForDays: 1 },
      { purpose: 'sharing', retentionDays: 0, validForDays: 1 },
    ],
    recipients: SHARED_WITH.map((type) => ({ type, purposes: ['sharing'] })),
    storedAt: 'device',
    alternative: both('只录制遮挡后的画面，不封存人脸', 'a recording with your face covered and no original kept'),
    place: both('本屏幕前', 'this place'),
    whenNotVisible: 'cover',
    inBackground: 'cover',
  });
  const recording = {
    title: both('录制或保存遮挡后的画面', 'Record or save the covered picture'),
    description: both(
      '您点击“录制”时，录下遮挡后的画面，供本浏览器的“审查”页面使用；您点击“保存画面”时，把当时遮挡后的画面交给您。不同意不影响其他功能。',
      'When you press “Record”, the covered picture is recorded, for the page “Review” in this browser. When you press “Save picture”, the covered picture of that moment is handed to you. Everything else works without it.',
    ),
    method: both(
      '录像逐段加密，保存在这台设备的浏览器里；除您单独同意的以外，不录声音。保存的画面作为文件下载到您的设备上，由您自行保管，本页面不保留副本。',
      'The recording is encrypted piece by piece and kept by this browser, without sound unless you separately agree to it. A saved picture is a file on your device, where it is yours to keep; the page keeps no copy.',
    ),
    scope: both('从您点击“录制”到停止的画面，以及您点击“保存画面”时的一帧。', 'What is shown from your press on “Record” until you stop, and the picture of the moment in which you save one.'),
    dataCategories: [both('遮挡面部后的画面', 'The picture with faces covered'), both('被遮挡的位置和时间', 'Where and when faces were covered')],
  };
  const sound = {
    title: both('录像时一并录下声音', 'Record sound with it'),
    description: both(
      '您勾选“录声音”并点击“录制”时，用麦克风录下声音，随录像供本浏览器的“审查”页面使用。声音可能表明说话人的身份，谈话内容也可能涉及隐私；声音按原样保存，不作变声处理。本项须由您单独同意；不同意的，录像不含声音，不影响其他功能。',
      'When you tick “With sound” and press “Record”, the microphone is recorded, too, for the page “Review” in this browser. A voice can tell who is speaking, and what is said may be private; it is kept as it is and not changed. We ask for this separately; without it a recording has no sound, and everything else works.',
    ),
    scope: both('从您点击“录制”到停止、或者取消勾选为止，麦克风听到的声音，包括在场其他人的声音。', 'What the microphone hears from your press on “Record” until you stop or untick it, including the voices of others nearby.'),
  };
  const sealing = {
    title: both('加密封存您本人的面部原始画面', 'Keep the original of your own face under an encrypted seal'),
    description: both(
      '录制时，您可以指出自己的脸，将其原始画面加密封存，供“审查”页面在有工单、有理由并经第二人批准时查看几分钟。面部原始画面属于敏感个人信息，一旦泄露可能使您的人格尊严或者人身、财产安全受到侵害。本项须由您单独同意；不同意不影响其他功能。',
      'While you record, you can point out your own face. Its original is encrypted then, and the page “Review” can show it for minutes: under a work order, for a reason, with the yes of a second person. The original picture of a face is sensitive personal information; a leak could harm your dignity, your safety or your property. We ask for this separately; everything else works without it.',
    ),
    scope: both('您指认为本人的那张脸，从指认到录制停止。其他人的脸绝不保存。', 'The one face that you point out as yours, from then until the recording stops. Nobody else’s face is ever kept.'),
    dataCategories: [both('加密封存的本人面部画面（敏感个人信息）', 'Sealed pictures of your face (sensitive personal information)'), both('查看记录', 'Records of who looked')],
  };
  const words: Readonly<Partial<Record<Purpose, Partial<NoticePurpose>>>> = { 'redacted-recording': recording, 'sound-recording': sound, 'sealed-originals': sealing };
  return { ...notice, purposes: notice.purposes.map((purpose) => ({ ...purpose, ...words[purpose.purpose] })) };
}
