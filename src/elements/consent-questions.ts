import type { Purpose } from '../governance/consent/purposes.ts';
import type { AgeBand, ConsentAnswer, ConsentAnswers, GuardianRelation } from '../governance/consent/record.ts';
import { choiceGroup, h } from './consent-markup.ts';
import { isBiometric, purposeSummary, type PurposeText } from './consent-notice.ts';
import type { ConsentView } from './consent-view.ts';

/** What has been chosen in a form and not been sent yet. It starts empty, always. */
export class ConsentDraft {
  readonly answers = new Map<Purpose, ConsentAnswer>();
  ageBand: AgeBand | null = null;
  relation: GuardianRelation | null = null;
  /** True once somebody tried to send it: from then on what is missing is marked. */
  checked = false;
}

/** What a form is drawn from. */
export interface Questions {
  readonly view: ConsentView;
  /** Whose answers it takes: a guardian says who they are, everybody else how old the person is. */
  readonly respondent: 'subject' | 'guardian';
  readonly draft: ConsentDraft;
  /** The answers that hold until new ones are given: told, never chosen. */
  readonly standing: ConsentAnswers;
  readonly onAgree: () => void;
  readonly onRefuseAll: () => void;
  /** From a guardian's questions back to the person's own. */
  readonly onChange: () => void;
}

/** The names of the groups without an answer, in the order of the form. */
export function missingGroups({ view, respondent, draft }: Pick<Questions, 'view' | 'respondent' | 'draft'>): string[] {
  const missing = inOrder(view).filter(({ purpose }) => !draft.answers.has(purpose)).map(({ purpose }) => groupOf(purpose));
  if (respondent === 'subject' && draft.ageBand === null) missing.push('age');
  if (respondent === 'guardian' && draft.relation === null) missing.push('relation');
  return missing;
}

/** The form: a card and a yes or no for each purpose, biometric ones apart, and two answers of equal weight. */
export function questionForm(questions: Questions): HTMLFormElement {
  const { view, draft, onAgree, onRefuseAll, onChange } = questions;
  const { notice, text } = view;
  const missing = draft.checked ? missingGroups(questions) : [];
  const cards = (biometric: boolean): HTMLElement[] =>
    notice.purposes.filter(({ purpose }) => isBiometric(purpose) === biometric).map((purpose) => purposeCard(questions, purpose, missing));
  const biometric = cards(true);
  const submit = (event: Event): void => {
    event.preventDefault();
    onAgree();
  };
  return h(
    'form',
    { novalidate: true, autocomplete: 'off', submit },
    ...cards(false),
    biometric.length === 0
      ? null
      : h(
          'section',
          { part: 'biometric', 'aria-labelledby': 'biometric-title' },
          h('h3', { id: 'biometric-title' }, text('biometricTitle')),
          h('p', {}, text('biometricLead')),
          h('p', { part: 'alternative' }, h('b', {}, text('alternative')), ' ', notice.alternatives ?? ''),
          ...biometric,
        ),
    whoGroup(questions, missing),
    h('p', { part: 'problem', class: 'problem', role: 'alert' }, missing.length === 0 ? '' : text('missing', { count: missing.length })),
    h(
      'div',
      { part: 'answers' },
      h('button', { type: 'submit', part: 'button answer', 'data-key': 'agree' }, text('agree')),
      h('button', { type: 'button', part: 'button answer', 'data-key': 'refuse', click: onRefuseAll }, text('refuseAll')),
    ),
    questions.respondent === 'guardian' ? h('button', { type: 'button', part: 'button link', 'data-key': 'back', click: onChange }, text('back')) : null,
  );
}

function purposeCard({ view, draft, standing }: Questions, purpose: PurposeText, missing: readonly string[]): HTMLElement {
  const { text } = view;
  const name = groupOf(purpose.purpose);
  const before = standing[purpose.purpose];
  const title = `${name}-title`;
  return h(
    'section',
    { part: 'purpose', 'aria-labelledby': title },
    h(isBiometric(purpose.purpose) ? 'h4' : 'h3', { id: title }, purpose.title),
    purposeSummary(view, purpose),
    choiceGroup({
      name,
      legend: text(isBiometric(purpose.purpose) ? 'biometricQuestion' : 'question'),
      describedBy: title,
      hint: before === undefined ? undefined : text('soFar', { answer: text(before === 'given' ? 'yes' : 'no') }),
      options: [
        { value: 'given', label: text('yes') },
        { value: 'refused', label: text('no') },
      ],
      chosen: draft.answers.get(purpose.purpose),
      problem: missing.includes(name) ? text('answerMissing') : null,
      onChoose: (answer) => { draft.answers.set(purpose.purpose, answer); },
    }),
  );
}

function whoGroup({ view, respondent, draft }: Questions, missing: readonly string[]): HTMLElement {
  const { notice, text } = view;
  if (respondent === 'guardian') {
    return choiceGroup<GuardianRelation>({
      name: 'relation',
      legend: text('relationQuestion'),
      options: (['parent', 'guardian'] as const).map((value) => ({ value, label: text(`relation_${value}`) })),
      chosen: draft.relation ?? undefined,
      problem: missing.includes('relation') ? text('choiceMissing') : null,
      onChoose: (relation) => { draft.relation = relation; },
    });
  }
  return choiceGroup<AgeBand>({
    name: 'age',
    legend: text('ageQuestion'),
    hint: text('ageHint', { age: notice.ageThreshold }),
    options: (['under-14', '14-17', 'adult'] as const).map((value) => ({ value, label: text(`age_${value}`) })),
    chosen: draft.ageBand ?? undefined,
    problem: missing.includes('age') ? text('choiceMissing') : null,
    onChoose: (ageBand) => { draft.ageBand = ageBand; },
  });
}

function inOrder({ notice }: ConsentView): PurposeText[] {
  return [...notice.purposes].sort((a, b) => Number(isBiometric(a.purpose)) - Number(isBiometric(b.purpose)));
}

function groupOf(purpose: Purpose): string {
  return `purpose-${purpose}`;
}
