// SPDX-License-Identifier: Apache-2.0
// SM4's S-box (GB/T 32907-2016 §6.2) as a circuit of XOR and AND, so that no table is looked up:
// S(x) = A·(A·x + c)^−1 + c over GF(2)[x]/0x1f5, the inversion done in GF(16)[y]/(y² + y + ν).

const FIELD = 0x1f5;
const AFFINE_ROW = 0xd3; // row i of the circulant A is this byte rotated right by i
const AFFINE_CONSTANT = 0xd3;
const SMALL_FIELD = 0x13;

/** The S-box by its definition, to check the circuit and the affine map against. */
export function sboxOf(x: number): number {
  return affine(inverse(affine(x)));
}

/** Lines that define `s0` to `s7` from `x0` to `x7` (bit 0 is the lowest), in `declare` syntax. */
export function emitSbox(declare: string, not: (name: string) => string): string[] {
  const circuit = new Circuit(declare);
  const input = Array.from({ length: 8 }, (_, bit) => `x${bit}`);
  const { toTower, fromTower } = isomorphism();
  const mapped = linear(circuit, compose(toTower, affineMatrix()), input);
  const shift = times(toTower, AFFINE_CONSTANT);
  const tower = mapped.map((name, bit) => ((shift >> bit) & 1 ? circuit.flip(name, not) : name));
  const inverted = towerInverse(circuit, tower);
  const output = linear(circuit, compose(affineMatrix(), fromTower), inverted);
  const lines = output.map((name, bit) =>
    (AFFINE_CONSTANT >> bit) & 1
      ? `${declare} s${bit} = ${not(name)};`
      : `${declare} s${bit} = ${name};`,
  );
  return [...circuit.lines, ...lines];
}

/** Names each gate once: equal gates are shared. */
class Circuit {
  readonly lines: string[] = [];
  readonly #known = new Map<string, string>();
  readonly #declare: string;

  constructor(declare: string) {
    this.#declare = declare;
  }

  xor(left: string, right: string): string {
    if (left === '0') return right;
    if (right === '0') return left;
    if (left === right) return '0';
    return this.#gate([left, right].sort().join(' ^ '));
  }

  and(left: string, right: string): string {
    if (left === '0' || right === '0') return '0';
    return left === right ? left : this.#gate([left, right].sort().join(' & '));
  }

  flip(name: string, not: (name: string) => string): string {
    return this.#gate(not(name));
  }

  #gate(expression: string): string {
    const known = this.#known.get(expression);
    if (known !== undefined) return known;
    const name = `g${this.lines.length}`;
    this.lines.push(`${this.#declare} ${name} = ${expression};`);
    this.#known.set(expression, name);
    return name;
  }
}

function multiply(a: number, b: number, modulus: number, bits: number): number {
  let product = 0;
  for (let bit = 0; bit < bits; bit += 1) if ((b >> bit) & 1) product ^= a << bit;
  for (let bit = 2 * bits - 2; bit >= bits; bit -= 1) {
    if ((product >> bit) & 1) product ^= modulus << (bit - bits);
  }
  return product;
}

function inverse(x: number): number {
  let result = 1;
  for (let step = 0; step < 254; step += 1) result = multiply(result, x, FIELD, 8);
  return result;
}

// A matrix is a list of columns: the images of the bits.
type Matrix = readonly number[];

function times(matrix: Matrix, x: number): number {
  return matrix.reduce((sum, column, bit) => ((x >> bit) & 1 ? sum ^ column : sum), 0);
}

function compose(left: Matrix, right: Matrix): Matrix {
  return right.map((column) => times(left, column));
}

function affineMatrix(): Matrix {
  return Array.from({ length: 8 }, (_, bit) => affine(1 << bit) ^ AFFINE_CONSTANT);
}

function affine(x: number): number {
  let result = AFFINE_CONSTANT;
  for (let row = 0; row < 8; row += 1) {
    const mask = ((AFFINE_ROW >> row) | (AFFINE_ROW << (8 - row))) & 0xff;
    if (parity(x & mask)) result ^= 1 << (7 - row);
  }
  return result;
}

function parity(x: number): boolean {
  let odd = false;
  for (let rest = x; rest > 0; rest >>= 1) if (rest & 1) odd = !odd;
  return odd;
}

const NU = firstNu();

/** The first ν for which y² + y + ν has no root in GF(16). */
function firstNu(): number {
  for (let nu = 1; nu < 16; nu += 1) {
    const roots = Array.from({ length: 16 }, (_, y) => multiply(y, y, SMALL_FIELD, 4) ^ y ^ nu);
    if (!roots.includes(0)) return nu;
  }
  throw new RangeError('no irreducible y² + y + ν');
}

function towerMultiply(a: number, b: number): number {
  const small = (x: number, y: number): number => multiply(x, y, SMALL_FIELD, 4);
  const [ah, al, bh, bl] = [a >> 4, a & 15, b >> 4, b & 15];
  const high = small(ah, bh);
  return ((high ^ small(ah, bl) ^ small(al, bh)) << 4) | (small(al, bl) ^ small(high, NU));
}

/** Maps x to a root of the field's polynomial in the tower, and back. */
function isomorphism(): Readonly<{ toTower: Matrix; fromTower: Matrix }> {
  for (let root = 2; root < 256; root += 1) {
    const powers: number[] = [1];
    for (let power = 1; power <= 8; power += 1)
      powers.push(towerMultiply(powers[power - 1] ?? 0, root));
    const value = powers.reduce((sum, x, power) => ((FIELD >> power) & 1 ? sum ^ x : sum), 0);
    if (value !== 0) continue;
    const toTower = powers.slice(0, 8);
    const fromTower = Array.from({ length: 8 }, (_, bit) =>
      Array.from({ length: 256 }, (__, x) => x).findIndex((x) => times(toTower, x) === 1 << bit),
    );
    return { toTower, fromTower };
  }
  throw new RangeError('the fields are not isomorphic');
}

function linear(circuit: Circuit, matrix: Matrix, input: readonly string[]): string[] {
  return Array.from({ length: 8 }, (_, row) =>
    matrix.reduce(
      (sum, column, bit) => ((column >> row) & 1 ? circuit.xor(sum, input[bit] ?? '0') : sum),
      '0',
    ),
  );
}

// (h·y + l)^−1 = (h·y + h + l)·(ν·h² + h·l + l²)^−1
function towerInverse(circuit: Circuit, bits: readonly string[]): string[] {
  const [low, high] = [bits.slice(0, 4), bits.slice(4)];
  const both = addSmall(circuit, low, high);
  const squares = addSmall(
    circuit,
    smallLinear(circuit, high, (x) => multiply(NU, multiply(x, x, SMALL_FIELD, 4), SMALL_FIELD, 4)),
    multiplySmall(circuit, both, low),
  );
  const inverted = invertSmall(circuit, squares);
  return [...multiplySmall(circuit, both, inverted), ...multiplySmall(circuit, high, inverted)];
}

function addSmall(circuit: Circuit, a: readonly string[], b: readonly string[]): string[] {
  return a.map((name, bit) => circuit.xor(name, b[bit] ?? '0'));
}

function smallLinear(circuit: Circuit, a: readonly string[], map: (x: number) => number): string[] {
  return a.map((_, row) =>
    a.reduce((sum, name, bit) => ((map(1 << bit) >> row) & 1 ? circuit.xor(sum, name) : sum), '0'),
  );
}

function multiplySmall(circuit: Circuit, a: readonly string[], b: readonly string[]): string[] {
  const result = ['0', '0', '0', '0'];
  // By powers first: 16 ANDs collected in seven columns, then reduced by x⁴ = x + 1.
  const columns = Array.from({ length: 7 }, (_, k) => {
    let sum = '0';
    for (let i = Math.max(0, k - 3); i <= Math.min(3, k); i += 1) {
      sum = circuit.xor(sum, circuit.and(a[i] ?? '0', b[k - i] ?? '0'));
    }
    return sum;
  });
  for (const [k, column] of columns.entries()) {
    const image = multiply(1 << Math.min(k, 3), 1 << Math.max(0, k - 3), SMALL_FIELD, 4);
    for (let bit = 0; bit < 4; bit += 1) {
      if ((image >> bit) & 1) result[bit] = circuit.xor(result[bit] ?? '0', column);
    }
  }
  return result;
}

/** a^14 in GF(16) by the algebraic normal form of each output bit. */
function invertSmall(circuit: Circuit, a: readonly string[]): string[] {
  const table = Array.from({ length: 16 }, (_, x) => {
    let result = 1;
    for (let step = 0; step < 14; step += 1) result = multiply(result, x, SMALL_FIELD, 4);
    return result;
  });
  return [0, 1, 2, 3].map((row) => {
    const form = table.map((value) => (value >> row) & 1);
    for (let bit = 1; bit < 16; bit <<= 1) {
      for (let x = 0; x < 16; x += 1) if (x & bit) form[x] = (form[x] ?? 0) ^ (form[x ^ bit] ?? 0);
    }
    return form.reduce((sum, present, monomial) => {
      if (present === 0) return sum;
      const factors = a.filter((_, bit) => (monomial >> bit) & 1);
      const [first = '0', ...rest] = factors;
      return circuit.xor(
        sum,
        rest.reduce((left, right) => circuit.and(left, right), first),
      );
    }, '0');
  });
}

/** AssemblyScript: one round over sixteen blocks. */
export function emitSm4(): string {
  const not = (name: string): string => `~${name}`;
  const planes = [0, 1, 2, 3, 4, 5, 6, 7];
  const load = (pointer: string, j: number): string => `load<u64>(${pointer}, ${8 * j})`;
  // <<< 2 moves two planes up; what wraps goes to the next byte, 16 bits up in its plane.
  const rotated = (j: number): string => (j >= 2 ? `s${j - 2}` : `rotl<u64>(s${j + 6}, 16)`);
  return [
    'export function sm4Round(a: usize, b: usize, c: usize, d: usize, key: usize): void {',
    ...planes.map(
      (j) => `  const x${j}: u64 = ${['b', 'c', 'd', 'key'].map((p) => load(p, j)).join(' ^ ')};`,
    ),
    ...emitSbox('  const', not),
    ...planes.map((j) => `  const r${j}: u64 = ${rotated(j)};`),
    ...planes.map(
      (j) =>
        `  store<u64>(a, ${load('a', j)} ^ s${j} ^ r${j} ^ rotl<u64>(r${j}, 16) ^ rotl<u64>(r${j}, 32) ^ rotl<u64>(s${j}, 48), ${8 * j});`,
    ),
    '}',
  ].join('\n');
}

/** TypeScript of the same circuit on 32-bit words, for the engine without WebAssembly. */
export function emitSboxTypeScript(): string {
  const planes = [0, 1, 2, 3, 4, 5, 6, 7];
  return [
    '// SPDX-License-Identifier: Apache-2.0',
    '// Made by guomi/kernel/build.ts from guomi/kernel/sm4.ts: the S-box of SM4 as gates on eight planes.',
    '',
    '/** Replaces the eight planes by the planes of the substituted bytes. */',
    'export function subPlanes(planes: Int32Array): void {',
    `  const [${planes.map((j) => `x${j} = 0`).join(', ')}] = planes;`,
    ...emitSbox('  const', (name) => `~${name}`),
    `  planes.set([${planes.map((j) => `s${j}`).join(', ')}]);`,
    '}',
    '',
  ].join('\n');
}
