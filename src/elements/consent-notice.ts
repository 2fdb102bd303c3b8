import { BIOMETRIC_PURPOSES, type Purpose } from '../governance/consent/purposes.ts';
import type { NoticeText } from '../governance/consent/notice.ts';
import { h, rows } from './consent-markup.ts';
import type { ConsentView } from './consent-view.ts';

/** One purpose of a notice, in one language. */
export type PurposeText = NoticeText['purposes'][number];

/** True for a purpose that needs a question of its own apart from the others (MEG-separate). */
export function isBiometric(purpose: Purpose): boolean {
  return (BIOMETRIC_PURPOSES as readonly Purpose[]).includes(purpose);
}

/** Who receives the data of a purpose, by type. */
function recipientsOf({ notice, text }: ConsentView, purpose: Purpose): readonly string[] {
  const types = notice.recipients.filter(({ purposes }) => purposes.includes(purpose)).map(({ type }) => type);
  return types.length === 0 ? [text('noRecipients')] : types;
}

/** The first layer of one purpose: what for, how, which data, how far, how long, who gets it, and why it is needed where it is. */
export function purposeSummary(view: ConsentView, purpose: PurposeText): HTMLElement {
  const { text } = view;
  const { essential } = purpose;
  return rows([
    [text('whatFor'), purpose.description],
    [text('how'), purpose.method],
    [text('data'), purpose.dataCategories],
    [text('scope'), purpose.scope],
    [text('howLong'), purpose.retention.text],
    [text('recipients'), recipientsOf(view, purpose.purpose)],
    [text('essential'), essential === undefined ? null : [text(`ground_${essential.ground}`), essential.justification]],
  ]);
}

/** What goes for all purposes: who asks, what rights there are, where to complain, the way without biometrics where no question has named it. */
export function aboutNotice({ notice, text }: ConsentView): HTMLElement {
  const { controller } = notice;
  const about = rows([
    [text('controller'), controller.name],
    [text('contact'), controller.contact],
    [text('rights'), notice.rights],
    [text('complaint'), notice.complaint],
    [text('alternative'), notice.purposes.some(({ purpose }) => isBiometric(purpose)) ? null : notice.alternatives],
  ]);
  about.setAttribute('part', 'about');
  return about;
}

/** The second layer: everything that the notice says, in a dialog of its own (MEG-policy). */
export function policyDialog(view: ConsentView): HTMLDialogElement {
  const { notice, text, date } = view;
  const { controller } = notice;
  const close = (): void => { dialog.close(); };
  const closeButton = (): HTMLElement => h('button', { type: 'button', part: 'button close', click: close }, text('close'));
  const dialog = h(
    'dialog',
    { part: 'policy', 'aria-labelledby': 'policy-title' },
    h('div', { class: 'policy-head' }, h('h2', { id: 'policy-title', tabindex: '-1', autofocus: true }, text('policyTitle')), closeButton()),
    section(text('controller'), rows([
      [text('controllerName'), controller.name],
      [text('address'), controller.address],
      [text('contact'), controller.contact],
      [text('privacyOfficer'), controller.privacyOfficer],
      [text('policyUrl'), controller.policyUrl],
    ])),
    h('h3', {}, text('purposes')),
    ...notice.purposes.map((purpose) =>
      h('section', {}, h('h4', {}, isBiometric(purpose.purpose) ? `${purpose.title} · ${text('biometricTitle')}` : purpose.title), purposeSummary(view, purpose)),
    ),
    section(text('storage'), h('p', {}, notice.storageLocation)),
    notice.alternatives === null ? null : section(text('alternative'), h('p', {}, notice.alternatives)),
    section(text('rights'), h('p', {}, notice.rights)),
    section(text('complaint'), h('p', {}, notice.complaint)),
    section(text('minors'), h('p', {}, text('ageHint', { age: notice.ageThreshold }))),
    section(text('notVisible'), h('p', {}, text(`do_${notice.whenNotVisible}`))),
    section(text('background'), h('p', {}, text(`do_${notice.inBackground}`))),
    section(text('version'), h('p', {}, text('versionText', {
      id: notice.noticeId,
      version: notice.version,
      from: date(notice.validFrom),
      until: date(notice.validUntil),
      jurisdiction: notice.jurisdiction,
    }))),
    closeButton(),
  );
  // A press beside the dialog lands on the dialog itself.
  dialog.addEventListener('click', (event) => { if (event.target === dialog) close(); });
  return dialog;
}

function section(title: string, ...content: Node[]): HTMLElement {
  return h('section', {}, h('h3', {}, title), ...content);
}
