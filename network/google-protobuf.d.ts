// SPDX-License-Identifier: Apache-2.0
// The one class of google-protobuf that fabric-protos expects from outside; the package carries no types.
declare module 'google-protobuf/google/protobuf/timestamp_pb.js' {
  export class Timestamp {
    setSeconds(seconds: number): this;
    setNanos(nanos: number): this;
    getSeconds(): number;
    getNanos(): number;
  }
}
declare module 'google-protobuf/google/protobuf/timestamp_pb' {
  export * from 'google-protobuf/google/protobuf/timestamp_pb.js';
}
