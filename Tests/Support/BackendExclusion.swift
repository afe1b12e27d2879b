import Foundation
import Testing

/// Why a test does not run with `DESCENT_BACKEND=reference`: the whole list, by what the tests ask.
///
/// A test that is left out says which: `@Test(.leftOutOnReference(.millions))`. It is skipped with the reason in the log.
public enum BackendExclusion: String, CaseIterable {
  // What the reference evaluation would take too long for: about a million elements of one operation a second in a debug
  // build.
  case millions = "works on millions of numbers"
  case manyDraws = "draws 100,000 numbers or more, to see how they are distributed"
  case longHistories = "evaluates some ten thousand operations, to see that memory and time do not grow"

  // What only a backend with kernels and plans can be asked.
  case kernelAccuracy = "asks for sums that are more exact than the reference evaluation's, which adds in order"
  case threads = "asks about the CPU's threads"
  case plannedMemory = "asks which of a plan's values take the most memory"
  case bodies = "compares to rounding what bodies compute, where the reference evaluation keeps Float64"

  /// Whether the tests run on the reference backend.
  public static let isReference = ProcessInfo.processInfo.environment["DESCENT_BACKEND"] == "reference"
}

extension Trait where Self == ConditionTrait {
  /// Leaves a test out on the reference backend.
  public static func leftOutOnReference(_ reason: BackendExclusion) -> ConditionTrait {
    .disabled(if: BackendExclusion.isReference, "\(reason.rawValue)")
  }
}
