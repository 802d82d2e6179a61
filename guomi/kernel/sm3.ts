// SPDX-License-Identifier: Apache-2.0
// Writes SM3's compression (GB/T 32905-2016 §5.3) unrolled: for one message in 32-bit words, the same
// with the words expanded in v128 (sm3-schedule.ts), or for four messages in the lanes of v128.
import { expandFour, loadFour, mixedAt, prepareFour, wordAt } from './sm3-schedule.ts';

type Words = Readonly<{
  type: string;
  add: (left: string, right: string) => string;
  bit: (operator: '&' | '|' | '^', left: string, right: string) => string;
  rotate: (word: string, bits: number) => string;
  constant: (word: number) => string;
}>;

const SCALAR: Words = {
  type: 'u32',
  add: (left, right) => `(${left} + ${right})`,
  bit: (operator, left, right) => `(${left} ${operator} ${right})`,
  rotate: (word, bits) => (bits === 0 ? word : `rotl<u32>(${word}, ${bits})`),
  constant: (word) => `${word >>> 0}`,
};

const NAMES = { '&': 'and', '|': 'or', '^': 'xor' } as const;

const FOUR: Words = {
  type: 'v128',
  add: (left, right) => `i32x4.add(${left}, ${right})`,
  bit: (operator, left, right) => `v128.${NAMES[operator]}(${left}, ${right})`,
  rotate: (word, bits) => (bits === 0 ? word : `rotate4(${word}, ${bits})`),
  constant: (word) => `i32x4.splat(${word | 0})`,
};

/** AssemblyScript of `sm3Blocks(state, data, count)`. */
export function emitSm3(): string {
  return oneMessage(
    [],
    inWords(SCALAR, (j) => `bswap<u32>(load<u32>(data, ${4 * j}))`),
  );
}

/** The same, the words expanded four at a time beside the rounds. */
export function emitSm3Vector(): string {
  return oneMessage(["import { SCHEDULE } from './layout';"], {
    before: [...loadFour(), ...prepareFour()],
    at: expandFour,
    word: wordAt,
    mixed: mixedAt,
  });
}

function oneMessage(imports: readonly string[], schedule: Schedule): string {
  return [
    ...imports,
    'export function sm3Blocks(state: usize, data: usize, count: i32): void {',
    ...letters.map((name, i) => `  let ${name}: u32 = load<u32>(state, ${4 * i});`),
    '  while (count > 0) {',
    ...body(SCALAR, schedule),
    '    data += 64; count -= 1;',
    '  }',
    ...letters.map((name, i) => `  store<u32>(state, ${name}, ${4 * i});`),
    '}',
  ].join('\n');
}

/** AssemblyScript of `sm3Blocks4(state, d0, d1, d2, d3, count)`: word i of lane l at 16·i + 4·l. */
export function emitSm3Four(): string {
  return [
    '// @ts-ignore: decorator',
    '@inline function rotate4(x: v128, n: i32): v128 { return v128.or(i32x4.shl(x, n), i32x4.shr_u(x, 32 - n)); }',
    'function swap4(x: v128): v128 { return i8x16.shuffle(x, x, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12); }',
    'export function sm3Blocks4(state: usize, d0: usize, d1: usize, d2: usize, d3: usize, count: i32): void {',
    ...letters.map((name, i) => `  let ${name}: v128 = v128.load(state, ${16 * i});`),
    '  while (count > 0) {',
    ...Array.from({ length: 4 }, (_, part) => transpose(part)).flat(),
    ...body(
      FOUR,
      inWords(FOUR, (j) => `in${j}`),
    ),
    '    d0 += 64; d1 += 64; d2 += 64; d3 += 64; count -= 1;',
    '  }',
    ...letters.map((name, i) => `  v128.store(state, ${name}, ${16 * i});`),
    '}',
  ].join('\n');
}

const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

function transpose(part: number): string[] {
  const row = (lane: number): string => `swap4(v128.load(d${lane}, ${16 * part}))`;
  const [t, w] = [`t${part}`, 4 * part];
  return [
    `    const ${t}a = ${row(0)}, ${t}b = ${row(1)}, ${t}c = ${row(2)}, ${t}d = ${row(3)};`,
    `    const ${t}e = i32x4.shuffle(${t}a, ${t}b, 0, 4, 1, 5), ${t}f = i32x4.shuffle(${t}c, ${t}d, 0, 4, 1, 5);`,
    `    const ${t}g = i32x4.shuffle(${t}a, ${t}b, 2, 6, 3, 7), ${t}h = i32x4.shuffle(${t}c, ${t}d, 2, 6, 3, 7);`,
    `    const in${w} = i64x2.shuffle(${t}e, ${t}f, 0, 2), in${w + 1} = i64x2.shuffle(${t}e, ${t}f, 1, 3);`,
    `    const in${w + 2} = i64x2.shuffle(${t}g, ${t}h, 0, 2), in${w + 3} = i64x2.shuffle(${t}g, ${t}h, 1, 3);`,
  ];
}

/** Where the rounds find W and W′ (§5.3.2), and what lines make them. */
type Schedule = Readonly<{
  before: readonly string[];
  /** Lines before round j. */
  at: (j: number) => readonly string[];
  word: (j: number) => string;
  mixed: (j: number) => string;
}>;

/** The schedule in local variables, each word made four rounds before its use. */
function inWords({ bit, rotate, type }: Words, input: (j: number) => string): Schedule {
  const xor = (...all: readonly string[]): string => all.reduce((x, y) => bit('^', x, y));
  const expand = (j: number): string[] => {
    const p1 = xor(`x${j}`, rotate(`x${j}`, 15), rotate(`x${j}`, 23));
    return [
      `    const x${j}: ${type} = ${xor(`w${j - 16}`, `w${j - 9}`, rotate(`w${j - 3}`, 15))};`,
      `    const w${j}: ${type} = ${xor(p1, rotate(`w${j - 13}`, 7), `w${j - 6}`)};`,
    ];
  };
  return {
    before: Array.from({ length: 16 }, (_, j) => `    const w${j}: ${type} = ${input(j)};`),
    at: (j) => (j >= 12 ? expand(j + 4) : []),
    word: (j) => `w${j}`,
    mixed: (j) => xor(`w${j}`, `w${j + 4}`),
  };
}

// Sums are written so that what is known last (e, then SS1) is added last.
function body(words: Words, { before, at, word, mixed }: Schedule): string[] {
  const lines: string[] = [...before];
  const { add, bit, rotate, type } = words;
  const xor = (...all: readonly string[]): string => all.reduce((x, y) => bit('^', x, y));
  const sum = (...all: readonly string[]): string => all.reduce((x, y) => add(x, y));
  let [a = '', b = '', c = '', d = '', e = '', f = '', g = '', h = ''] = letters;
  for (let j = 0; j < 64; j += 1) {
    lines.push(...at(j));
    const define = (letter: string, value: string): string => {
      lines.push(`    const ${letter}${j}: ${type} = ${value};`);
      return `${letter}${j}`;
    };
    const a12 = define('p', rotate(a, 12));
    const t = rotateConstant(j < 16 ? 0x79cc4519 : 0x7a879d8a, j % 32);
    const ss1 = define('q', rotate(sum(a12, words.constant(t), e), 7));
    // The majority of a, b, c: the two terms have no bit in common.
    const ff = j < 16 ? xor(a, b, c) : add(bit('&', bit('^', b, c), a), bit('&', b, c));
    const gg = j < 16 ? xor(e, f, g) : bit('^', bit('&', bit('^', f, g), e), g);
    const tt1 = define('A', sum(d, mixed(j), ff, xor(ss1, a12)));
    const tt2 = define('T', sum(h, word(j), gg, ss1));
    [d, c, b, a] = [c, define('B', rotate(b, 9)), a, tt1];
    [h, g, f] = [g, define('F', rotate(f, 19)), e];
    e = define('E', xor(tt2, rotate(tt2, 9), rotate(tt2, 17)));
  }
  const last = [a, b, c, d, e, f, g, h];
  for (const [i, letter] of letters.entries())
    lines.push(`    ${letter} = ${xor(letter, last[i] ?? '')};`);
  return lines;
}

function rotateConstant(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
