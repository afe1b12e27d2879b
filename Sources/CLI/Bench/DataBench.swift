import Descent
import Foundation

/// Measures what keeps training fed: reading tables, changing pictures, and gathering batches from memory.
enum DataBench {
  /// A figure, in a unit a second.
  struct Figure: Encodable {
    var name: String
    var rate: Double
    var unit: String
  }

  /// Prints the figures, each the best of several runs; what is read is written to a temporary file first.
  static func run(json: Bool) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("descent-bench-\(getpid())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for figure in try tables(folder) + pictures() + batches() {
      if json {
        print(String(decoding: try JSONEncoder().encode(figure), as: UTF8.self))
      } else {
        print(figure.name + ": " + String(format: "%.0f", figure.rate) + " " + figure.unit)
      }
    }
  }

  /// The most that a body, which runs on one thread, does in a second of the processor, in three runs at least and up to two
  /// seconds: what other processes take does not count.
  private static func bestOfOneThread(_ amount: Double, _ body: () throws -> Void) rethrows -> Double {
    let begin = ContinuousClock.now
    var best = 0.0
    var runs = 0
    while runs < 3 || ContinuousClock.now - begin < .seconds(2) {
      let start = clock()
      try body()
      best = max(best, amount / (Double(clock() - start) / Double(CLOCKS_PER_SEC)))
      runs += 1
    }
    return best
  }

  /// The most that a body does in a second, in three runs at least and up to two seconds.
  private static func best(_ amount: Double, _ body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    var best = 0.0
    var runs = 0
    let begin = clock.now
    while runs < 3 || clock.now - begin < .seconds(2) {
      let time = try clock.measure(body)
      best = max(best, amount / (Double(time.components.attoseconds) * 1e-18 + Double(time.components.seconds)))
      runs += 1
    }
    return best
  }

  private static func tables(_ folder: String) throws -> [Figure] {
    let count = 400_000
    var random = ElementRandom(seed: 1, epoch: 0, index: 0)
    func column(_ name: String, digits: Bool) -> Table.Column {
      Table.Column(
        name,
        numbers: (0..<count).map { _ in
          let number = random.number(in: -4...4)
          return digits ? number : (number * 1e6).rounded() / 1e6
        })
    }
    let islands = ["Biscoe", "Dream", "Torgersen"]
    let mixed = try Table(
      [Table.Column("id", integers: (0..<count).map { _ in random.place(below: 100_000) })]
        + (0..<6).map { column("x\($0)", digits: false) }
        + [Table.Column("island", categories: (0..<count).map { _ in islands[random.place(below: 3)] })])
    let numbers = try Table((0..<6).map { column("x\($0)", digits: true) })
    return try [("numbers of 6 places, integers and categories", mixed), ("numbers of all digits", numbers)].map {
      let path = folder + "/table.csv"
      try $0.1.write(csv: path)
      let byteCount = (try FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber)?.doubleValue ?? 0
      let rate = try bestOfOneThread(byteCount / 1e6) { _ = try Table.read(csv: path) }
      return Figure(name: "CSV, " + $0.0, rate: rate, unit: "MB/s of a core")
    }
  }

  private static func pictures() throws -> [Figure] {
    let augmentation = Augmentation(
      .flipped(), .rotated(within: -15...15), .scaled(within: 0.9...1.1), .cropped(padding: 2), .brightness(0.8...1.2),
      .contrast(0.8...1.2), .cutout(size: 6))
    var figures: [Figure] = []
    for (size, channels, count) in [(28, 1, 512), (32, 3, 512), (224, 3, 32)] {
      let pixels = (0..<count * size * size * channels).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      let pictures = Tensor(bytes: pixels, shape: [count, size, size, channels])
      for workers in [1, 2] {
        func augment() throws {
          _ = try augmentation.batch(of: pictures, Array(0..<count), seed: 1, epoch: 0, workers: workers)
        }
        let rate = try workers == 1 ? bestOfOneThread(Double(count), augment) : best(Double(count), augment)
        let threads = workers == 1 ? "of a core" : "on \(workers) threads"
        figures.append(
          Figure(name: "augmentation, \(size)×\(size)×\(channels)", rate: rate, unit: "pictures/s \(threads)"))
      }
    }
    return figures
  }

  private static func batches() throws -> [Figure] {
    let count = 20_000
    let inputs = Tensor(zeros: [count, 1024])
    try evaluate(inputs)
    let examples = try Examples(inputs: inputs, targets: Tensor(integers: Array(0..<count)))
    let batches = examples.batched(256, seed: 1)
    var index = 0
    let rate = try best(256 * 4096 * 50 / 1e9) {
      for _ in 0..<50 {
        _ = try batches.batch(index, epoch: 0)
        index = (index + 1) % (batches.batchCount - 1)
      }
    }
    return [Figure(name: "batches from memory, 256 rows of 4 KiB", rate: rate, unit: "GB/s")]
  }
}
