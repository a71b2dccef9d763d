export const protobuf = { name: "protobuf" };
