import { expect, test } from "vitest";
import { readable } from "./native-errors.js";

test.each([
  [
    "/onnxruntime_src/onnxruntime/core/graph/model.cc:202 onnxruntime::Model::Model(onnx::ModelProto&&, const std::vector<int>*, const Model::Options&) Unsupported model IR version: 14, max supported IR version: 13\n",
    "Unsupported model IR version: 14, max supported IR version: 13",
  ],
  [
    "Non-zero status code returned while running Add node. Name:'add' Status Message: /src/core/broadcast.h:30 void B::Check(size_t (*)(int), long int) axis == 1 was false. Attempting to broadcast 2 by 3",
    "Non-zero status code returned while running Add node. Name:'add' Status Message: axis == 1 was false. Attempting to broadcast 2 by 3",
  ],
  ["/src/a.cc:1 T f(U) const [with T = float; U = int] no", "no"],
  ["nothing to cut", "nothing to cut"],
])("source files and signatures of C++ are cut out of %j", (message, expected) => {
  expect(readable(message)).toBe(expected);
});
