// SPDX-License-Identifier: Apache-2.0
// Fabric's protobuf messages: the only place that knows their packages.
export { common, ledger, msp, peer } from '@hyperledger/fabric-protos';
export { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb.js';
