import type { FacePrivacyError } from '../core/errors.ts';
import type { EpochMs } from '../core/time.ts';
import type { Standing } from '../governance/consent/standing.ts';
import { h } from './consent-markup.ts';
import { aboutNotice, policyDialog } from './consent-notice.ts';
import { questionForm, type ConsentDraft } from './consent-questions.ts';
import { standingPanel } from './consent-standing.ts';
import type { ConsentView } from './consent-view.ts';

/** `asking` and `guardian`: the questions, for the person and for a parent or guardian; `answered`: what holds. */
export type ShownPhase = 'asking' | 'guardian' | 'answered';

/** Everything that can be seen of the element at one moment. */
export interface PanelState {
  readonly view: ConsentView;
  readonly phase: ShownPhase;
  readonly standing: Standing | null;
  readonly cameraMayAskAt: EpochMs | null;
  readonly draft: ConsentDraft;
  readonly error: FacePrivacyError | null;
}

/** What the buttons ask for. */
export interface PanelActions {
  readonly onAgree: () => void;
  readonly onRefuseAll: () => void;
  readonly onWithdraw: () => void;
  readonly onChange: () => void;
  readonly onReceipt: () => void;
}

/** The element's content: a heading, one of three bodies, the policy one press away, what went wrong. */
export function consentPanel(state: PanelState, actions: PanelActions): HTMLElement {
  const { view, phase, standing, draft } = state;
  const { notice, text } = view;
  const policy = policyDialog(view);
  const openPolicy = h('button', { type: 'button', part: 'button link', 'data-key': 'policy', 'aria-haspopup': 'dialog', click: () => { policy.showModal(); } }, text('policy'));
  const body =
    phase === 'answered' && standing !== null
      ? standingPanel({ ...state, standing, ...actions })
      : questionForm({ view, respondent: phase === 'guardian' ? 'guardian' : 'subject', draft, standing: phase === 'asking' ? (standing?.answers ?? {}) : {}, ...actions });
  return h(
    'section',
    { part: 'panel', lang: view.language, 'aria-labelledby': 'title' },
    h('div', { class: 'head' }, h('h2', { id: 'title', part: 'heading', tabindex: '-1' }, title(state)), ...leads(state), openPolicy),
    body,
    problem(state),
    phase === 'answered' ? null : aboutNotice(view),
    h('p', { class: 'hint' }, text('versionShort', { id: notice.noticeId, version: notice.version })),
    policy,
  );
}

function title({ view: { text }, phase, standing }: PanelState): string {
  if (phase === 'answered') return text('standingTitle');
  if (phase === 'guardian') return text('guardianTitle');
  return text(standing?.state === 'given' ? 'changeTitle' : 'askTitle');
}

function leads({ view: { notice, text }, phase, standing }: PanelState): HTMLElement[] {
  const lead = (line: string): HTMLElement => h('p', { part: 'lead' }, line);
  if (phase === 'answered') return [];
  if (phase === 'guardian') return [lead(text('guardianLead', { age: notice.ageThreshold }))];
  if (standing?.state === 'given') return [lead(text('changeLead'))];
  const asked = lead(text('askLead', { controller: notice.controller.name }));
  return standing?.state === 'expired' ? [lead(text('state_expired')), asked] : [asked];
}

/** Where the reason stands from the start: a live region that is put in together with its text is not read out everywhere. */
function problem({ view: { text }, error }: PanelState): HTMLElement {
  const place = h('div', { part: 'problem', class: 'problem', role: 'alert' });
  if (error === null) return place;
  const key = `error_${error.code}`;
  place.append(
    h('p', {}, `${text('errorTitle')} ${text(isErrorText(key) ? key : 'error')}`),
    h('p', { class: 'code' }, text('errorCode', { code: error.code })),
  );
  return place;
}

const ERROR_TEXTS = ['error_ERR_STORAGE_FAILED', 'error_ERR_CONSENT_NOTICE', 'error_ERR_CONSENT_CLOCK'] as const;

function isErrorText(key: string): key is (typeof ERROR_TEXTS)[number] {
  return (ERROR_TEXTS as readonly string[]).includes(key);
}
