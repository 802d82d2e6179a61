// SPDX-License-Identifier: Apache-2.0
// A province's word for a rule of recognition, signed by the authority of its gateway.
import { encodeCbor } from '@zhenglian/core/cbor';
import { ruleHash } from '@zhenglian/core/records/rule';
import type { RecognitionRule } from '@zhenglian/core/records/rule';
import { asCbor } from '@zhenglian/core/shape';

import { signOne } from '@zhenglian/gateway/signer';
import type { TestGateway } from './support.ts';

/** Submits a rule for the province of a gateway. */
export async function submitRuleOf(under: TestGateway, rule: RecognitionRule): Promise<void> {
  const { signers, ledger, networkId } = under.gateway.context;
  const signer = await signers.ready(under.config.authorities[0]?.uscc ?? '');
  const payload = ruleHash(rule);
  const signature = await signOne(signer, { purpose: 'rule', networkId, payload });
  const request = encodeCbor({ rule: asCbor(rule), kid: signer.kid, signature });
  await ledger.submit({ chaincode: 'zl', name: 'SubmitRule', request });
}
