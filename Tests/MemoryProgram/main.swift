// Programs whose shapes change, for the tests of how much memory a process keeps.
//
//   MemoryProgram lengths | sequences | pictures | shapes COUNT
//
// Prints the resident memory in kilobytes a few times on the way, and at the end what is kept.
//
//   MemoryProgram csv | jsonlines | lines | npy | npz | safetensors | idx FILE
//
// Reads a file and prints by how many kilobytes the most memory that the process occupied has grown, and "read" or the error.

import Descent
import Foundation

/// The memory that the process occupies now, in kilobytes.
func residentKilobytes() throws -> Int {
  let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
  return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
}

/// The most memory that the process has occupied, in kilobytes.
func peakKilobytes() throws -> Int {
  let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
  return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
}

/// Readers of files, by name.
let readers: [String: (String) throws -> Void] = [
  "csv": { _ = try Table.read(csv: $0) },
  "jsonlines": { _ = try Table.read(jsonLines: $0) },
  "lines": { _ = try TextLines.read($0) },
  "npy": { _ = try NPY.read($0) },
  "npz": { _ = try NPZ.read($0, limit: 1 << 26) },
  "safetensors": { _ = try Safetensors.read($0) },
  "idx": { _ = try IDX.read($0) },
]

func report(_ done: Int) throws { print("\(done) \(try residentKilobytes())") }

/// Long vectors of many lengths, whose intermediate values are large.
func lengths() throws {
  for index in 0..<60 {
    let x = Tensor(ones: [5_000_000 + index])
    _ = try (x.cumulativeSum() + x.cumulativeSum(reversed: true)).cumulativeSum().max().item()
    if index % 20 == 19 { try report(index + 1) }
  }
}

/// Sequences of many lengths through one training step.
func sequences() throws {
  struct Network: Layer {
    var hidden = Dense(units: 256)
    var output = Dense(units: 8)
    func callAsFunction(_ x: Tensor) -> Tensor { output(tanh(hidden(x))) }
  }
  let step = try TrainingStep(Network(), optimizer: Adam()) { model, batch in
    square(model(batch.input) - batch.target).mean()
  }
  for length in 0..<150 {
    let input = Tensor(ones: [32, 50 + length, 16])
    _ = try step(Batch(input: input, target: Tensor(zeros: [32, 50 + length, 8])))
    if length % 50 == 49 { try report(length + 1) }
  }
}

/// Batches of many sizes through a convolution and its gradient.
func pictures() throws {
  let kernel = Tensor(ones: [3, 3, 8, 16])
  for count in 1...200 {
    let images = Tensor(ones: [count, 16, 16, 8])
    _ = try gradient(at: kernel) { square(convolution(images, $0, padding: .same)).sum() }.sum().item()
    if count % 50 == 0 { try report(count) }
  }
}

/// Small tensors of as many shapes as there are steps.
func shapes(_ count: Int) throws {
  let function = compiled { (x: Tensor) in (tanh(x) * x).sum() }
  for index in 1...count {
    let x = Tensor(ones: [index])
    // Half of them read, half of them through a compiled function.
    _ = index % 2 == 0 ? try (x * 2.0 + 1.0).sum().item() : try function(x).item()
    if index % max(1, count / 5) == 0 { try report(index) }
  }
}

do {
  let arguments = Array(CommandLine.arguments.dropFirst())
  if let name = arguments.first, let reader = readers[name], arguments.count == 2 {
    let before = try peakKilobytes()
    var ending = "read"
    do { try reader(arguments[1]) } catch { ending = "\(error)" }
    print(try peakKilobytes() - before, ending)
    exit(0)
  }
  switch arguments.first {
  case "lengths": try lengths()
  case "sequences": try sequences()
  case "pictures": try pictures()
  case "shapes": try shapes(arguments.dropFirst().first.flatMap { Int($0) } ?? 1_000)
  default:
    print("usage: MemoryProgram lengths | sequences | pictures | shapes COUNT")
    exit(64)
  }
  let usage = PlanMemory.usage
  print("plans \(usage.planCount) \(usage.planBytes) arenas \(usage.arenaCount) \(usage.arenaBytes)")
} catch {
  FileHandle.standardError.write(Data("Error: \(error)\n".utf8))
  exit(1)
}
