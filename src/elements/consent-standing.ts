import type { EpochMs } from '../core/time.ts';
import type { Standing } from '../governance/consent/standing.ts';
import { h } from './consent-markup.ts';
import type { ConsentView } from './consent-view.ts';

/** What the compact state is drawn from. */
export interface StandingPanel {
  readonly view: ConsentView;
  readonly standing: Standing;
  /** When the page may ask for the camera by itself again; null where nothing keeps it from that. */
  readonly cameraMayAskAt: EpochMs | null;
  readonly onWithdraw: () => void;
  readonly onChange: () => void;
  readonly onReceipt: () => void;
}

/** What was answered, how long it holds, and the way out of it, always in sight (MEG-withdraw). */
export function standingPanel({ view, standing, cameraMayAskAt, onWithdraw, onChange, onReceipt }: StandingPanel): HTMLElement {
  const { notice, text, date } = view;
  const given = notice.purposes.filter(({ purpose }) => standing.answers[purpose] === 'given').length;
  const live = standing.state === 'given';
  return h(
    'div',
    { class: 'standing' },
    h('p', { part: 'state', 'data-state': standing.state }, text(`state_${standing.state}`, { given, all: notice.purposes.length })),
    live
      ? h(
          'ul',
          { part: 'summary' },
          ...notice.purposes.map(({ purpose, title }) => {
            const yes = standing.answers[purpose] === 'given';
            return h('li', { 'data-answer': yes ? 'given' : 'refused' }, h('span', {}, title), h('b', {}, text(yes ? 'yes' : 'no')));
          }),
        )
      : null,
    live ? h('p', { class: 'hint' }, text('validUntil', { date: date(standing.validUntil) })) : null,
    cameraMayAskAt === null ? null : h('p', { class: 'hint' }, text('cameraRefused', { date: date(cameraMayAskAt) })),
    h(
      'div',
      { class: 'actions' },
      live ? h('button', { type: 'button', part: 'button withdraw', 'data-key': 'withdraw', click: onWithdraw }, text('withdraw')) : null,
      h('button', { type: 'button', part: 'button', 'data-key': 'change', click: onChange }, text(live ? 'change' : 'again')),
      h('button', { type: 'button', part: 'button', 'data-key': 'receipt', click: onReceipt }, text('receipt')),
    ),
  );
}
