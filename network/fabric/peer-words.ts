// SPDX-License-Identifier: Apache-2.0
// What Fabric's peers and gRPC say when somebody was configured wrongly, and what to do about it. Their words stay; ours come behind them.

const ADVICE: readonly (readonly [words: RegExp, todo: string])[] = [
  [/channel '[^']*' not found/, 'this peer is not in that channel: see CHANNEL and FABRIC_PEERS'],
  [
    /creator org unknown, creator is malformed/,
    'the channel knows no such member: certificate.pem must be of the organisation MSP and carry the role client or admin (OU)',
  ],
  [
    /access denied: channel \[[^\]]*\] creator org \[/,
    'the peer does not accept this member: key.pem must belong to certificate.pem, and the certificate must not be revoked',
  ],
  [/identity expired/, 'the client certificate has ended: renew certificate.pem and key.pem'],
  [
    /chaincode definition for '[^']*' exists, but chaincode is not installed/,
    'the organisation of this peer has to install the package',
  ],
  [
    /chaincode \S+ not found|has been successfully defined on channel/,
    'its definition is not committed on the channel, or this peer is not that far: npm run fabric -- status',
  ],
  [
    /unable to verify the first certificate|certificate signature failure|self[- ]signed certificate|unable to get local issuer/,
    'tlsRootPem in FABRIC_PEERS is not the root of what serves at this address',
  ],
  [/altnames/, 'serverName in FABRIC_PEERS must be a name in the TLS certificate of this peer'],
  [
    /alert certificate expired/,
    'the TLS client certificate has ended: renew tls-certificate.pem and tls-key.pem',
  ],
  [
    /alert (bad|unknown|unsupported) (certificate|ca)|alert certificate (required|unknown)/,
    'the peer does not know the root of tls-certificate.pem',
  ],
  [/ECONNREFUSED|ENOTFOUND|EAI_AGAIN/, 'nothing serves there: see address in FABRIC_PEERS'],
  [
    /unknown service|unknown method|does not implement|unimplemented/i,
    'this is no peer of Hyperledger Fabric 3.1, or its gateway service is off',
  ],
];

/** A contract's message begins with its code, and speaks for itself. */
const OF_A_CONTRACT = /^[A-Z][A-Z_]+: /;

/** The words, and what to do where that is known. */
export function explain(words: string): string {
  if (OF_A_CONTRACT.test(words)) return words;
  const todo = ADVICE.find(([pattern]) => pattern.test(words))?.[1];
  return todo === undefined ? words : `${words.trim()}; ${todo}`;
}
