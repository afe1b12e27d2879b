// A small training for the tests that end it in every possible way.
//
//   TrainingProgram CHECKPOINTS OUT [--steps COUNT] [--batch SIZE] [--interruptible]
//
// Goes on from the latest checkpoint in CHECKPOINTS, writes one after every step, prints a line for every step, and
// writes the trained model to OUT. Ends early after COUNT steps; a batch has 8 examples unless told otherwise.

import Descent
import Foundation

struct Network: Layer {
  var hidden = Dense(units: 64)
  var normalisation = BatchNorm()
  var dropout = Dropout(rate: 0.25)
  var output = Dense(units: 10)

  func callAsFunction(_ x: Tensor) -> Tensor { output(dropout(tanh(normalisation(hidden(x))))) }
}

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 2 else {
  print("usage: TrainingProgram CHECKPOINTS OUT [--steps COUNT] [--batch SIZE] [--interruptible]")
  exit(64)
}

func number(after option: String) -> Int? {
  guard let index = arguments.firstIndex(of: option), index + 1 < arguments.count else { return nil }
  return Int(arguments[index + 1])
}

let limit = number(after: "--steps") ?? .max

var callbacks: [Callback] = [
  .checkpoint(arguments[0], every: 0, resuming: true),
  .each { event in
    guard case .step(let progress) = event else { return true }
    FileHandle.standardOutput.write(Data("step \(progress.stepCount)\n".utf8))
    return progress.stepCount < limit
  },
]
if arguments.contains("--interruptible") {
  // The tests start the program from a thread that blocks signals, and it inherits that.
  var none = sigset_t()
  sigemptyset(&none)
  pthread_sigmask(SIG_SETMASK, &none, nil)
  callbacks.append(.interruptible)
}

do {
  let key = RandomKey(seed: 3)
  let digits = try Examples(
    inputs: key.uniform([60, 64]), targets: Tensor(integers: (0..<60).map { $0 * 7 % 10 }))
  let trainer = try Trainer(
    Network(), loss: softmaxCrossEntropy, optimizer: AdamW(learningRate: 1e-2), metrics: [.accuracy], seed: 5)
  let report = try trainer.fit(digits.batched(number(after: "--batch") ?? 8, seed: 2), epochs: 3, callbacks: callbacks)
  try trainer.model.save(to: arguments[1])
  let means = report.epochs.map { "\($0.training["loss"] ?? .nan) \($0.training["accuracy"] ?? .nan)" }
  print("done: \(means.joined(separator: ", "))")
} catch {
  FileHandle.standardError.write(Data("Error: \(error)\n".utf8))
  exit(1)
}
