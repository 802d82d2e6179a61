// SPDX-License-Identifier: Apache-2.0
// What most callers of the room need; everything else by its own path, `@zhenglian/core/<file>`.
export { assess, locate } from './assess.ts';
export { mintCopy, type Copy } from './copy.ts';
export { CodedError, isCodedError, type ErrorCode } from './errors.ts';
export { formatRequest, parseRequest } from './request.ts';
export type { CheckResult, Report, Verdict } from './report.ts';
export { verify, type Evidence, type VerifyPolicy, type VerifyReport } from './verify.ts';
export { formatWire, parseWire } from './wire.ts';
