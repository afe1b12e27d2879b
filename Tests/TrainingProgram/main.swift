// A small training for the tests that end it in every possible way.
//
//   TrainingProgram CHECKPOINTS OUT [--epochs COUNT] [--steps COUNT] [--batch SIZE] [--halt COUNT]
//     [--stopping] [--interruptible | --own-loop]
//
// Goes on from the latest checkpoint in CHECKPOINTS, writes one after every step, prints a line for every step, and
// writes the trained model to OUT. Ends early after COUNT steps; there are 3 epochs, and a batch has 8 examples, unless told
// otherwise. `--stopping` stops early and goes back to the best model, and keeps a log in CHECKPOINTS.csv. With
// `--halt`, a process takes no more than so many steps and then waits to be killed, however late that happens. A loop of
// its own has no trainer: it saves its training state in CHECKPOINTS.

import Descent
import Foundation
import Synchronization

struct Network: Layer {
  var hidden = Dense(units: 64)
  var normalization = BatchNorm()
  var dropout = Dropout(rate: 0.25)
  var output = Dense(units: 10)

  func callAsFunction(_ x: Tensor) -> Tensor { output(dropout(tanh(normalization(hidden(x))))) }
}

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 2 else {
  print(
    "usage: TrainingProgram CHECKPOINTS OUT [--epochs COUNT] [--steps COUNT] [--batch SIZE] [--halt COUNT] [--stopping]"
      + " [--interruptible | --own-loop]"
  )
  exit(64)
}

func number(after option: String) -> Int? {
  guard let index = arguments.firstIndex(of: option), index + 1 < arguments.count else { return nil }
  return Int(arguments[index + 1])
}

let limit = number(after: "--steps") ?? .max
let most = number(after: "--halt")
let epochs = number(after: "--epochs") ?? 3

/// The steps that this process has told of.
let told = Mutex(0)

@Sendable func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }

/// Tells of a step, and halts after the last one that this process may take.
@Sendable func tell(ofStep step: Int) {
  say("step \(step)")
  let isLast = told.withLock { count in
    count += 1
    return count == most
  }
  if isLast {
    sleep(240)
    exit(2)
  }
}

var callbacks: [Callback] = [
  .checkpoint(arguments[0], every: 0, resuming: true),
  .each { event in
    guard case .step(let progress) = event else { return true }
    tell(ofStep: progress.stepCount)
    return progress.stepCount < limit
  },
]
if arguments.contains("--stopping") {
  callbacks += [
    .earlyStopping(patience: max(1, epochs - 1)), .csv(arguments[0] + ".csv", every: .steps(1)), .gradientNorms(),
  ]
}
if arguments.contains("--interruptible") {
  // The tests start the program from a thread that blocks signals, and it inherits that.
  var none = sigset_t()
  sigemptyset(&none)
  pthread_sigmask(SIG_SETMASK, &none, nil)
  callbacks.append(.interruptible)
}

/// Trains without a trainer, as often along the batches as there are epochs, and goes on from the last step that was saved.
func runOwnLoop(_ batches: some BatchSource<Batch>) throws {
  let step = TrainingUpdate { (model: Network, batch: Batch) in
    softmaxCrossEntropy(model(batch.input), batch.target)
  }
  var state = try TrainingState(Network(), optimizer: AdamW(learningRate: 1e-2), seed: 5)
  try state.resume(in: arguments[0])
  while state.step < min(limit, epochs * batches.batchCount) {
    let (epoch, index) = state.step.quotientAndRemainder(dividingBy: batches.batchCount)
    try step(&state, try batches.batch(index, epoch: epoch))
    try state.save(in: arguments[0])
    tell(ofStep: state.step)
  }
  try state.model.save(to: arguments[1])
  say("done: \(state.step) steps")
}

do {
  let key = RandomKey(seed: 3)
  let digits = try Examples(
    inputs: key.uniform([60, 64]), targets: Tensor(integers: (0..<60).map { $0 * 7 % 10 }))
  if arguments.contains("--own-loop") {
    try runOwnLoop(digits.batched(number(after: "--batch") ?? 8, seed: 2))
    exit(0)
  }
  let trainer = try Trainer(
    Network(), loss: softmaxCrossEntropy, optimizer: AdamW(learningRate: 1e-2), metrics: [.accuracy], seed: 5)
  let held = arguments.contains("--stopping") ? try digits.selecting(Array(0..<20)) : nil
  let report = try trainer.fit(
    digits.batched(number(after: "--batch") ?? 8, seed: 2), validation: held, epochs: epochs, callbacks: callbacks)
  try trainer.model.save(to: arguments[1])
  let means = report.epochs.map { "\($0.training["loss"] ?? .nan) \($0.training["accuracy"] ?? .nan)" }
  print("done: \(means.joined(separator: ", "))")
} catch {
  FileHandle.standardError.write(Data("Error: \(error)\n".utf8))
  exit(1)
}
