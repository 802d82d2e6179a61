// SPDX-License-Identifier: Apache-2.0
// What the core module exports: everything, without SIMD. `mul` and `invert` are for the other module.
export { start } from './init';
export { checkKey, decompress, verify } from './verify';
export { batchAdd, batchEnd, batchStart } from './intake';
export { batchAnswer, batchRun } from './batch';
export { cachedKeys } from './cache';
export { multiplyKey } from './product';
export { derive, makeNonce, prepareSigner, signFinish, signInvert, signPoint, wipe } from './sign';
export { sm3Blocks } from './sm3';
export { sm3At, sm3Start } from './digest';
export { hashParts } from './parts';
export { timeScalar } from './timing';
export { ghash, sm4Blocks, sm4Ctr, sm4Key, sm4Load, sm4Wipe } from './cipher';
export { gcm, gcmKey } from './gcm';
export { mul } from './kernel';
export { invert } from './inverse';
