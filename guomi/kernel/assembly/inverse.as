// SPDX-License-Identifier: Apache-2.0
// Inversion by division steps (Bernstein and Yang, 2019, with δ from 1/2): the same steps whatever the
// number is, so it serves secrets too. 590 steps are enough below 2^256; 21 rounds of 29 are made.
import { canonical, N_R2, N_RAW, ONE, P_RAW, R2 } from './field';
import { orderReduce } from './order';
import { mul, orderMul, step, stepField, stepOrder } from './kernel';
import { TEMPORARIES } from './layout';

const ROUNDS: i32 = 21;
const STEPS: i32 = 29;
const F: usize = TEMPORARIES + 1360;
const G: usize = TEMPORARIES + 1400;
const D: usize = TEMPORARIES + 1440; // D·a ≡ F and E·a ≡ G modulo the modulus
const E: usize = TEMPORARIES + 1480;
const T: usize = TEMPORARIES + 1520;
const M: usize = TEMPORARIES + 1560; // the matrix of a round, four numbers
const MASK: i64 = 0x1fffffff;

/** o = 1/a mod p, zero for zero. */
export function invert(o: usize, a: usize): void {
  canonical(G, a);
  begin(P_RAW);
  let zeta: i64 = -1;
  for (let round = 0; round < ROUNDS; round++) {
    zeta = steps(zeta);
    both();
    stepField(T, D, E, M);
    stepField(E, D, E, M + 8);
    move(D, T);
  }
  const sign = load<i32>(F, 32) >> 31; // F is 1 or −1
  for (let i: usize = 0; i < 36; i += 4) store<i32>(T + i, (load<i32>(D + i) ^ sign) - sign);
  mul(T, T, R2); // |D| < 22p: below 1.7p by this, within the box by the next
  mul(o, T, ONE);
}

/** o = R/a mod n for a in [1, n−1], not in Montgomery form. */
export function orderInvert(o: usize, a: usize): void {
  move(G, a);
  begin(N_RAW);
  let zeta: i64 = -1;
  for (let round = 0; round < ROUNDS; round++) {
    zeta = steps(zeta);
    both();
    stepOrder(T, D, E, M);
    stepOrder(E, D, E, M + 8);
    move(D, T);
  }
  const sign = <i64>(load<i32>(F, 32) >> 31);
  let carry: i64 = 0;
  for (let i: usize = 0; i < 36; i += 4) { // ±D + 22n, in (0, 44n)
    const v = ((<i64>load<i32>(D + i) ^ sign) - sign) + 22 * <i64>load<i32>(N_RAW + i) + carry;
    store<i32>(T + i, <i32>(i < 32 ? v & MASK : v));
    carry = v >> 29;
  }
  orderMul(o, T, N_R2); // below 2.4n
  orderReduce(o);
  orderReduce(o);
}

function begin(modulus: usize): void {
  move(F, modulus);
  memory.fill(D, 0, 80);
  store<i32>(E, 1);
}

function both(): void {
  step(T, F, G, M);
  step(G, F, G, M + 8);
  move(F, T);
}

function move(o: usize, a: usize): void {
  for (let i: usize = 0; i < 36; i += 4) store<u32>(o + i, load<u32>(a + i));
}

/** Makes the steps that the low limbs of F and G decide, and writes their matrix to M. */
function steps(start: i64): i64 {
  let zeta = start; // −(δ + 1/2)
  let f = <i64>load<i32>(F), g = <i64>load<i32>(G);
  // A row of the matrix in one word, u + v·2^32: it is added, negated and doubled as a whole.
  let fRow: i64 = 1, gRow: i64 = 0x100000000;
  for (let i = 0; i < STEPS; i++) {
    const odd = 0 - (g & 1);
    let swap = zeta >> 63;
    g += ((f ^ swap) - swap) & odd;
    gRow += ((fRow ^ swap) - swap) & odd;
    swap &= odd;
    zeta = (zeta ^ swap) - 1;
    f += g & swap;
    fRow += gRow & swap;
    g >>= 1;
    fRow <<= 1;
  }
  putRow(M, fRow);
  putRow(M + 8, gRow);
  return zeta;
}

function putRow(o: usize, row: i64): void {
  const low = <i32>row;
  store<i32>(o, low);
  store<i32>(o, <i32>((row - <i64>low) >> 32), 4);
}
