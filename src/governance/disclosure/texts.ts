import type { TemplateLanguage } from '../consent/notice-templates.ts';

/** A permission of the browser, or storage of it, in words. */
export interface PermissionWords {
  readonly name: string;
  readonly purpose: string;
  readonly when: string;
  readonly refusal: string;
}

/** Data that the library keeps to show that its rules were kept, in words. */
export interface RecordWords {
  readonly type: string;
  readonly purpose: string;
  readonly method: string;
}

/** Ids of the permissions, in the order of the table. */
export type PermissionId = 'camera' | 'microphone' | 'file' | 'database' | 'persistent-storage' | 'gpu';

/** Classes of records, in the order of the table. */
export type RecordId = 'consent-records' | 'access-records' | 'audit-log';

/** All words of one language. */
export interface DisclosureTexts {
  readonly title: string;
  readonly tables: Readonly<Record<'personalInformation' | 'permissions' | 'components', string>>;
  readonly columns: Readonly<
    Record<'type' | 'purpose' | 'method' | 'necessity' | 'retention' | 'place' | 'permission' | 'when' | 'refusal' | 'component' | 'licence' | 'provider' | 'data' | 'files', string>
  >;
  readonly service: string;
  readonly necessary: string;
  readonly optional: string;
  readonly permissions: Readonly<Record<PermissionId, PermissionWords>>;
  readonly records: Readonly<Record<RecordId, RecordWords>>;
  readonly inPackage: string;
  readonly join: string;
  readonly nothingSent: string;
  readonly period: (defaultDays: number, maxDays: number) => string;
}

const SIMPLIFIED_CHINESE: DisclosureTexts = {
  title: '个人信息、权限和第三方组件清单',
  tables: { personalInformation: '个人信息清单', permissions: '权限清单', components: '第三方组件清单' },
  columns: {
    type: '信息种类', purpose: '使用目的', method: '处理方式和范围', necessity: '必要或者可选', retention: '保存期限', place: '处理和保存地点',
    permission: '权限', when: '申请时机', refusal: '拒绝的影响', component: '名称和版本', licence: '许可证', provider: '提供者', data: '涉及的个人信息', files: '所在文件',
  },
  service: '本服务',
  necessary: '必要',
  optional: '可选，不同意不影响使用其他功能',
  permissions: {
    camera: { name: '摄像头', purpose: '取得画面，遮挡面部后显示或者保存', when: '您同意并启动相应功能时', refusal: '无法使用需要拍摄的功能，其他功能不受影响' },
    microphone: { name: '麦克风', purpose: '取得声音，随录像一并保存；仅用于您单独同意保存声音的录像', when: '您同意保存声音并开始录制时，由应用申请；本组件自身不申请', refusal: '录像不含声音，其他不受影响' },
    file: { name: '您选定的文件', purpose: '遮挡您选定的照片、录像中的面部', when: '您在文件选择窗口中选定文件时', refusal: '不处理任何文件' },
    database: { name: '浏览器存储空间（IndexedDB、OPFS）', purpose: '保存同意记录、审计日志，以及您同意保存的内容', when: '打开本功能时，浏览器不另行询问', refusal: '无法记录同意，因此不启动采集' },
    'persistent-storage': { name: '持久存储', purpose: '避免浏览器在空间不足时自行清除所保存的内容', when: '首次保存录像时', refusal: '浏览器可能提前清除所保存的内容' },
    gpu: { name: '图形处理器（WebGPU）', purpose: '加快面部定位和遮挡', when: '启动处理时，浏览器不另行询问', refusal: '改用处理器计算，速度较慢' },
  },
  records: {
    'consent-records': { type: '同意记录（编号、所作回答、时间、年龄段）', purpose: '证明告知和同意的情况', method: '以本设备密钥签名后保存，不含姓名和画面' },
    'access-records': { type: '查看记录（工作人员编号、事项编号、时间、理由）', purpose: '控制和追溯工作人员的查看', method: '以本设备密钥签名后保存，不含画面' },
    'audit-log': { type: '审计日志（编号、事件、时间）', purpose: '发现篡改，追溯处理活动', method: '逐条以哈希值相连并签名，不含姓名、画面和面部特征' },
  },
  inPackage: '由应用一并安装',
  join: '；',
  nothingSent: '以上组件均在本设备的浏览器内运行，其提供者不接收任何信息。',
  period: (defaultDays, maxDays) => (maxDays === 0 ? '不保存' : `默认${defaultDays}日，最长${maxDays}日；以告知所载为准`),
};

const ENGLISH: DisclosureTexts = {
  title: 'Personal information, permissions and third-party components',
  tables: { personalInformation: 'Personal information', permissions: 'Permissions', components: 'Third-party components' },
  columns: {
    type: 'Type', purpose: 'Purpose', method: 'Method and scope', necessity: 'Necessary or optional', retention: 'Kept for', place: 'Where it is processed and kept',
    permission: 'Permission', when: 'When it is asked for', refusal: 'If you refuse', component: 'Name and version', licence: 'Licence', provider: 'Provider', data: 'Personal information', files: 'Files',
  },
  service: 'the service',
  necessary: 'Necessary',
  optional: 'Optional; the rest can be used without it',
  permissions: {
    camera: { name: 'Camera', purpose: 'To take pictures, which are shown or kept with faces covered', when: 'When you have agreed and start the function', refusal: 'What needs a camera cannot be used; everything else can' },
    microphone: { name: 'Microphone', purpose: 'To keep sound with a recording, for which you are asked separately', when: 'When you have agreed to keep sound and start a recording; the app asks for it, this library never does', refusal: 'The recording has no sound; nothing else changes' },
    file: { name: 'Files that you choose', purpose: 'To cover faces in the photos and videos that you choose', when: 'When you choose a file', refusal: 'No file is processed' },
    database: { name: 'Storage of the browser (IndexedDB, OPFS)', purpose: 'To keep records of consent, the audit log and what you agreed to have kept', when: 'When the function is opened; the browser does not ask', refusal: 'Consent cannot be recorded, so nothing starts' },
    'persistent-storage': { name: 'Persistent storage', purpose: 'So that the browser does not clear what is kept when room is short', when: 'When a video is kept for the first time', refusal: 'The browser may clear early what is kept' },
    gpu: { name: 'Graphics processor (WebGPU)', purpose: 'To find and cover faces faster', when: 'When processing starts; the browser does not ask', refusal: 'The main processor does it, more slowly' },
  },
  records: {
    'consent-records': { type: 'Records of consent (ids, answers, times, age band)', purpose: 'To show what was told and agreed to', method: 'Signed with a key of this device and kept; without names or pictures' },
    'access-records': { type: 'Records of access (ids of staff and cases, times, reasons)', purpose: 'To control and trace what staff look at', method: 'Signed with a key of this device and kept; without pictures' },
    'audit-log': { type: 'Audit log (ids, events, times)', purpose: 'To find tampering and trace what was done', method: 'Entries are linked by hashes and signed; without names, pictures or facial features' },
  },
  inPackage: 'installed with the app',
  join: '; ',
  nothingSent: 'All of these run in the browser on this device; their providers receive nothing.',
  period: (defaultDays, maxDays) => (maxDays === 0 ? 'Not kept' : `${defaultDays} days unless the notice says otherwise, at most ${maxDays}`),
};

/** Words of the disclosure in each language of the library. */
export const DISCLOSURE_TEXTS: Readonly<Record<TemplateLanguage, DisclosureTexts>> = { 'zh-CN': SIMPLIFIED_CHINESE, en: ENGLISH };
