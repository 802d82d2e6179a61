// SPDX-License-Identifier: Apache-2.0
// The contracts of both packages; what runs is the bundle of each (`npm run build`).
export { ProvinceContract } from './province-contract.ts';
export { ZlContract } from './zl-contract.ts';
