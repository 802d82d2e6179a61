// SPDX-License-Identifier: Apache-2.0
// Package `zl`: what fabric-shim starts for the consortium.
import { ZlContract } from './zl-contract.ts';

export const contracts = [ZlContract];
