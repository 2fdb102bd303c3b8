import type { RetentionCategory } from '../governance/retention/categories.ts';
import type { LeftBecause } from '../governance/rights/rights-plan.ts';

/** @internal The words of the copy in one language. */
export interface CopyTexts {
  readonly title: string;
  readonly intro: string;
  readonly request: string;
  readonly person: string;
  readonly madeAt: string;
  readonly from: string;
  readonly kept: string;
  readonly keptColumns: readonly [what: string, since: string, until: string, here: string];
  readonly copied: string;
  readonly files: string;
  readonly fileColumns: readonly [file: string, bytes: string, sha256: string];
  readonly media: string;
  readonly damaged: string;
  readonly readMe: readonly string[];
  readonly categories: Readonly<Record<RetentionCategory, string>>;
  readonly because: Readonly<Record<LeftBecause, string>>;
}

const en: CopyTexts = {
  title: 'What is kept of you',
  intro: 'A copy of your own data, made in the browser in which they are kept, at your request. All files are in open formats.',
  request: 'Request',
  person: 'You are known here as',
  madeAt: 'Made',
  from: 'By the app at',
  kept: 'Everything that is kept',
  keptColumns: ['What', 'Since', 'Until', 'In this copy'],
  copied: 'yes',
  files: 'Files',
  fileColumns: ['File', 'Bytes', 'SHA-256'],
  media: 'Recordings, with faces covered',
  damaged: 'Something could not be read, because it was changed or is not whole. It is listed in contents.json under “faults”.',
  readMe: [
    'Open index.html in any browser: it needs no network and runs no code.',
    'contents.json lists the same for machines: each item that is kept, each file with its size and SHA-256.',
    'recordings/: media (WebM or MP4) as they are kept, with faces covered, with sound where you agreed to keep it; manifest.json says how and is signed; review.json holds what staff noted.',
    'albums/: which pictures were read (their pixels were never kept), where their faces are, which groups they are in.',
    'consent/: what you were told and what you answered; receipt.json and receipt.jsonld (ISO/IEC TS 27560, W3C DPV) are signed.',
    'proofs/: your requests with their receipts, receipts of what was erased, and the entries of the audit log that concern you.',
    'Not given away, also not to you: sealed originals of your face and protected templates. They are of use on the device alone, and you can have them erased.',
  ],
  categories: {
    'live-picture': 'Live picture',
    'redacted-media': 'Recording with covered faces',
    'recorded-sound': 'Sound of a recording',
    'sealed-regions': 'Sealed original of your face',
    'protected-templates': 'Protected template of your face',
    'comparison-results': 'Results of comparisons',
    'album-groups': 'Album: faces and groups',
    'review-notes': 'Notes of a review',
    'consent-records': 'Consent records',
    'access-records': 'Records of access',
    'sharing-records': 'Records of sharing',
    'rights-records': 'Your requests',
    'erasure-receipts': 'Receipts of erasures',
    'audit-log': 'Audit log',
  },
  because: {
    dispute: 'kept for an open dispute',
    'does-not-apply': 'no copy is given of it',
    'about-nobody': 'about nobody in particular',
    'due-anyway': 'its time is over; it is being erased',
    damaged: 'could not be read',
    'not-asked-for': 'not asked for',
  },
};

const zhCn: CopyTexts = {
  title: '保存的关于您的内容',
  intro: '应您的请求，在保存这些数据的浏览器中制作的您个人数据的副本。所有文件均为开放格式。',
  request: '请求编号',
  person: '您在此处的代号',
  madeAt: '制作时间',
  from: '来自应用',
  kept: '保存的全部内容',
  keptColumns: ['内容', '起始时间', '保存至', '是否在本副本中'],
  copied: '是',
  files: '文件',
  fileColumns: ['文件', '字节数', 'SHA-256'],
  media: '录像（人脸已遮挡）',
  damaged: '有内容无法读取：它被改动过，或不完整。详见 contents.json 中的 “faults”。',
  readMe: [
    '用任意浏览器打开 index.html：它不需要网络，也不运行任何代码。',
    'contents.json 以机器可读的方式列出同样的内容：保存的每一项，每个文件的大小和 SHA-256。',
    'recordings/：保存的录像（WebM 或 MP4），人脸已遮挡，您同意保存声音的含声音；manifest.json 说明遮挡的方式并带有签名；review.json 是工作人员的备注。',
    'albums/：读取过哪些照片（从未保存其像素），人脸的位置，以及所在的分组。',
    'consent/：向您告知的内容和您的回答；receipt.json 与 receipt.jsonld（ISO/IEC TS 27560、W3C DPV）带有签名。',
    'proofs/：您的请求及其回执、删除回执，以及审计日志中与您有关的条目。',
    '不对外提供（也不提供给您）的内容：您面部的密封原图和受保护的特征模板。它们只能在本设备上使用，您可以要求删除。',
  ],
  categories: {
    'live-picture': '实时画面',
    'redacted-media': '人脸已遮挡的录像',
    'recorded-sound': '录像的声音',
    'sealed-regions': '您面部的密封原图',
    'protected-templates': '您面部的受保护模板',
    'comparison-results': '比对结果',
    'album-groups': '相册：人脸与分组',
    'review-notes': '审核备注',
    'consent-records': '同意记录',
    'access-records': '访问记录',
    'sharing-records': '对外提供记录',
    'rights-records': '您的请求',
    'erasure-receipts': '删除回执',
    'audit-log': '审计日志',
  },
  because: {
    dispute: '因争议未决而保留',
    'does-not-apply': '不提供副本',
    'about-nobody': '不涉及特定个人',
    'due-anyway': '保存期限已到，正在删除',
    damaged: '无法读取',
    'not-asked-for': '未要求更正',
  },
};

/** @internal The languages of a copy, both of which are in it. */
export const COPY_TEXTS: Readonly<Record<'zh-CN' | 'en', CopyTexts>> = { 'zh-CN': zhCn, en };
