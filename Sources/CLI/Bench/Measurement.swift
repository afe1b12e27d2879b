import CNative
import Descent
import Foundation

/// What running a workload's step showed, in the words of the peers' own harness.
struct Measurement: Encodable {
  var framework = "descent"
  var workload: String
  var threads: Int
  var params: Int
  var ms_per_step: Double
  var min_ms: Double
  var max_ms: Double
  var timed_steps: Int
  var first_step_s: Double
  var peak_rss_mb: Double
  var loss_first: Double
  var loss_20: Double
  var loss_last: Double
  var variant = "compiled"

  /// Runs a workload: one step, two to warm up, then up to `steps` timed ones within `seconds`.
  ///
  /// Every step is timed on its own, with its loss on the host and its parameters written, or, where the workload asks for
  /// it, in groups of which the last one's loss is read.
  init<W: Workload>(_ type: W.Type, steps: Int, seconds: Double) throws {
    let setup = try W.setup()
    let begin = ContinuousClock.now
    let step = try W.step(setup)
    var losses = [try step.run().item()]
    first_step_s = begin.duration(to: .now).seconds
    for _ in 0..<2 { losses.append(try step.run().item()) }
    let group = W.stepsTimedTogether
    if group > 1 { while losses.count < 20 { losses.append(try step.run().item()) } }
    var times: [Double] = []
    var last = losses[losses.count - 1]
    let timed = ContinuousClock.now
    while times.count < steps {
      let start = ContinuousClock.now
      for _ in 1..<group { _ = try step.run() }
      last = try step.run().item()
      times.append(start.duration(to: .now).seconds * 1e3 / Double(group))
      losses.append(last)
      if timed.duration(to: .now).seconds > seconds && times.count >= 3 { break }
    }
    while losses.count < 20 { losses.append(try step.run().item()) }
    times.sort()
    workload = W.name
    threads = Int(dn_thread_count())
    params = try step.parameterCount()
    ms_per_step = times[times.count / 2]
    (min_ms, max_ms, timed_steps) = (times[0], times[times.count - 1], times.count)
    peak_rss_mb = Double(dn_peak_memory_bytes()) / 1_048_576
    (loss_first, loss_20, loss_last) = (losses[0], losses[19], last)
  }
}
