import { describe, expect, it } from 'vitest';
import { en, type MessageKey } from './en.ts';
import { zhCn } from './zh-cn.ts';

const KEYS = Object.keys(en) as MessageKey[];
const gapsOf = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([gap]) => gap).sort();

describe('the texts of the demo', () => {
  it('have the same gaps in both languages', () => {
    const different = KEYS.filter((key) => gapsOf(en[key]).join() !== gapsOf(zhCn[key]).join());
    expect(different).toEqual([]);
  });

  it('are written in their language', () => {
    const names = /^(engine_|otherLanguage|plain$)/;
    expect(KEYS.filter((key) => !names.test(key) && !/\p{Script=Han}/u.test(zhCn[key]))).toEqual([]);
    expect(KEYS.filter((key) => !names.test(key) && /\p{Script=Han}/u.test(en[key]))).toEqual([]);
  });

  it('never claim that anybody is anonymous', () => {
    expect(KEYS.filter((key) => /anonym|匿名/i.test(en[key] + zhCn[key]))).toEqual([]);
  });
});
