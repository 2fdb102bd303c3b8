/** The standards' two lists: going without consent (5.6) and sharing without prior consent (9.5). */
export type ExceptionList = '5.6' | '9.5';

/** One exception of GB/T 35273-2020. Codes are `35273-5.6-a` and so on, in the standard's order. */
export type ExceptionCode = `35273-5.6-${'a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g' | 'h' | 'i' | 'j' | 'k'}` | `35273-9.5-${'a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g'}`;
