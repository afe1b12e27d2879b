import Descent
import DescentGraph
import DescentBackends
import DescentCompiler
import DescentDifferentiation
import Foundation

/// What a step of a loop costs, forward and with the gradient, against the same steps written one after the other.
enum LoopBench {
  /// Prints a line for each step, number of steps and way to write them.
  static func run(json: Bool) throws {
    for form in LoopForm.all {
      for (steps, isUnrolled) in [(100, true), (100, false), (1_000, false), (10_000, false)] {
        let cost = try LoopCost(form, steps: steps, isUnrolled: isUnrolled)
        if json {
          let encoder = JSONEncoder()
          encoder.outputFormatting = [.sortedKeys]
          print(String(decoding: try encoder.encode(cost), as: UTF8.self))
        } else {
          print(cost.line)
        }
      }
    }
  }
}

/// The time and the memory of one loop.
struct LoopCost: Encodable {
  let form: String
  let steps: Int
  let is_unrolled: Bool
  let forward_us_per_step: Double
  let forward_arena_bytes: Int
  let gradient_us_per_step: Double
  let gradient_arena_bytes: Int

  /// Compiles a loop and its gradient, and runs both.
  init(_ form: LoopForm, steps: Int, isUnrolled: Bool) throws {
    let (arguments, loss) = try form.write(steps: steps, isUnrolled: isUnrolled)
    let trace = try Trace(arguments: arguments, outputs: [loss])
    let moving = arguments.indices.filter { arguments[$0].elementType.isFloatingPoint }
    let forward = try Backend.current.engine.compile(trace.graph)
    let gradient = try Backend.current.engine.compile(try trace.gradient(parameters: moving))
    self.form = form.name
    (self.steps, is_unrolled) = (steps, isUnrolled)
    forward_us_per_step = try Self.seconds(forward) / Double(steps) * 1e6
    forward_arena_bytes = forward.statistics.arenaBytes
    gradient_us_per_step = try Self.seconds(gradient) / Double(steps) * 1e6
    gradient_arena_bytes = gradient.statistics.arenaBytes
  }

  /// The least time of a run on zeros, of several.
  private static func seconds(_ plan: any Executable) throws -> Double {
    let inputs = try plan.inputTypes.map { type in
      let zeros = try HostLiteral(uninitialized: type)
      zeros.fill { _ = $0.initializeMemory(as: UInt8.self, repeating: 0) }
      return zeros.buffer
    }
    _ = try plan.run(inputs)
    var least = Double.infinity
    let begin = ContinuousClock.now
    repeat {
      let start = ContinuousClock.now
      _ = try plan.run(inputs)
      least = min(least, start.duration(to: .now).seconds)
    } while begin.duration(to: .now).seconds < 0.5
    return least
  }

  /// The cost in words.
  var line: String {
    func megabytes(_ bytes: Int) -> Double { Double(bytes) / 1_048_576 }
    return String(
      format: "%-11@ %6d steps %@: %8.3f µs a step in %8.3f MB, with the gradient %8.3f µs in %8.3f MB", form, steps,
      is_unrolled ? "unrolled" : "as scan ", forward_us_per_step, megabytes(forward_arena_bytes),
      gradient_us_per_step, megabytes(gradient_arena_bytes))
  }
}
