// SPDX-License-Identifier: Apache-2.0
// What a module exports; both targets have the same interface.
export { start } from './init';
export { checkKey, decompress, verify } from './verify';
export { batchAdd, batchAnswer, batchRun, batchStart } from './batch';
export { cachedKeys } from './cache';
export { derive, makeNonce, multiplyKey, prepareSigner, signFinish, signInvert, signPoint, wipe } from './sign';
export { sm3Blocks } from './sm3';
export { sm3At, sm3Start } from './digest';
export { hashParts } from './parts';
export { timeLanes, timeScalar } from './timing';
export { ghash, sm4Blocks, sm4Ctr, sm4Key, sm4Wipe } from './cipher';
