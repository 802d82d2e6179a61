// SPDX-License-Identifier: Apache-2.0
// Package `zl-<msp>`: what fabric-shim starts for one organisation.
import { ProvinceContract } from './province-contract.ts';

export const contracts = [ProvinceContract];
