// SPDX-License-Identifier: Apache-2.0
// What the SIMD module does in the core module's memory and in its stead: batches, SM3.
export { batchAnswer, batchRun } from './batch';
export { sm3Blocks } from './sm3';
export { sm3At } from './digest';
export { hashParts } from './parts';
export { timeLanes } from './timing';
