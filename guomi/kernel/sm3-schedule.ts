// SPDX-License-Identifier: Apache-2.0
// SM3's message expansion (GB/T 32905-2016 §5.3.2) four words at a time in v128, for one message: the
// vector units do it while the integer units, which are the narrow place, run the rounds.

// Vector v<g> holds words 4g to 4g + 3. W and W′ pass to the rounds through SCHEDULE, which holds
// the last four vectors of each.
const RING = 4;
const AHEAD = 2; // vectors that are finished before the rounds that read them

/** Lines that load a block as v0 to v3. */
export function loadFour(): string[] {
  return [0, 1, 2, 3].flatMap((g) => [
    `    const u${g} = v128.load(data, ${16 * g});`,
    `    const v${g} = i8x16.shuffle(u${g}, u${g}, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);`,
  ]);
}

/** Lines that write the first vectors. */
export function prepareFour(): string[] {
  const first = Array.from({ length: AHEAD }, (_, g) => store(g));
  return ['    const none = i32x4.splat(0);', ...first.flat()];
}

/** Lines before round j: at each fourth, one vector more. */
export function expandFour(j: number): string[] {
  const g = j / 4 + AHEAD;
  if (j % 4 !== 0 || g > 15) return [];
  return g < 3 ? store(g) : [...expand(g + 1), ...store(g)];
}

/** W of round j. */
export function wordAt(j: number): string {
  return `load<u32>(SCHEDULE, ${(4 * j) % (16 * RING)})`;
}

/** W′ of round j. */
export function mixedAt(j: number): string {
  return `load<u32>(SCHEDULE, ${16 * RING + ((4 * j) % (16 * RING))})`;
}

function store(g: number): string[] {
  const at = (16 * g) % (16 * RING);
  return [
    `    v128.store(SCHEDULE, v${g}, ${at});`,
    `    v128.store(SCHEDULE, v128.xor(v${g}, v${g + 1}), ${16 * RING + at});`,
  ];
}

const rotate = (x: string, bits: number): string =>
  `v128.or(i32x4.shl(${x}, ${bits}), i32x4.shr_u(${x}, ${32 - bits}))`;

const xor = (...all: readonly string[]): string => all.reduce((x, y) => `v128.xor(${x}, ${y})`);

/**
 * Four words of W. The last would need the first of the same four (W[j − 3]): it is made without,
 * and since P1 is linear, P1(W[j] <<< 15) is added afterwards.
 */
function expand(g: number): string[] {
  const [a, b, c, d] = [`v${g - 4}`, `v${g - 3}`, `v${g - 2}`, `v${g - 1}`];
  const p1 = xor(`y${g}`, rotate(`y${g}`, 15), rotate(`y${g}`, 23));
  return [
    `const thirteen${g} = i32x4.shuffle(${a}, ${b}, 3, 4, 5, 6);`,
    `const nine${g} = i32x4.shuffle(${b}, ${c}, 3, 4, 5, 6);`,
    `const six${g} = i32x4.shuffle(${c}, ${d}, 2, 3, 4, 5);`,
    `const three${g} = i32x4.shuffle(${d}, none, 1, 2, 3, 4);`,
    `const y${g} = ${xor(a, `nine${g}`, rotate(`three${g}`, 15))};`,
    `const z${g} = ${xor(p1, xor(rotate(`thirteen${g}`, 7), `six${g}`))};`,
    `const first${g} = i32x4.shuffle(none, z${g}, 0, 1, 2, 4);`,
    `const m${g} = ${rotate(`first${g}`, 15)};`,
    `const v${g} = ${xor(`z${g}`, xor(`m${g}`, rotate(`m${g}`, 15), rotate(`m${g}`, 23)))};`,
  ].map((line) => `    ${line}`);
}
