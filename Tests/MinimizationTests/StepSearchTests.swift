import DescentTensors
import Foundation
import Testing

@testable import DescentMinimization

@Suite struct StepSearchTests {
  /// Lines of Moré and Thuente (1994), sections 5.1–5.3, and others.
  private static let lines: [(name: String, line: @Sendable (Double) -> (value: Double, slope: Double))] = [
    ("parabola", { t in ((t - 3) * (t - 3), 2 * (t - 3)) }),
    ("first", { t in (-t / (t * t + 2), (t * t - 2) / ((t * t + 2) * (t * t + 2))) }),
    ("second", { t in (pow(t + 0.004, 5) - 2 * pow(t + 0.004, 4), 5 * pow(t + 0.004, 4) - 8 * pow(t + 0.004, 3)) }),
    ("quartic", { t in (pow(t - 1, 4) + 0.1 * t, 4 * pow(t - 1, 3) + 0.1) }),
    ("wave", { t in (0.1 * t * t - sin(3 * t), 0.2 * t - 3 * cos(3 * t)) }),
    ("wall", { t in t < 0.7 ? (-log(0.7 - t) - 4 * t, 1 / (0.7 - t) - 4) : (.infinity, .nan) }),
  ]

  @Test(arguments: lines.indices, [1e-3, 1.0, 1e3]) func conditionsHold(index: Int, initial: Double) throws {
    let (name, line) = Self.lines[index]
    let (value, slope) = line(0)
    for (sufficient, curvature) in [(1e-4, 0.9), (1e-3, 0.1)] {
      for search in [
        StepSearch.strongWolfe(sufficient: sufficient, curvature: curvature),
        .hagerZhang(sufficient: sufficient, curvature: curvature),
      ] {
        let outcome = try search.search(initial: initial, of: line)
        #expect(outcome.failure == nil, "\(name) from \(initial): \(outcome)")
        let found = outcome.sample
        #expect(found.step > 0)
        #expect(found.value <= value + sufficient * found.step * slope + 1e-6 * abs(value), "\(name) from \(initial)")
        switch search.kind {
        case .strongWolfe: #expect(abs(found.slope) <= curvature * abs(slope), "\(name) from \(initial)")
        default: #expect(found.slope >= curvature * slope, "\(name) from \(initial)")
        }
        #expect(line(found.step).value == found.value)
      }
    }
    let outcome = try StepSearch.armijo().search(initial: initial, of: line)
    #expect(outcome.failure == nil)
    #expect(outcome.sample.value <= value + 1e-4 * outcome.sample.step * slope)
  }

  private static let searches: [StepSearch] = [.armijo(), .strongWolfe(), .hagerZhang()]

  @Test(arguments: searches) func theFiveFailures(search: StepSearch) throws {
    #expect(try search.search { t in (t, 1) }.failure == .notDescending)
    #expect(try search.search { _ in (5, 0) }.failure == .flat)
    #expect(try search.search { t in t == 0 ? (1, -1) : (.infinity, .nan) }.failure == .infinite)
    #expect(try search.search { t in t == 0 ? (1, -1) : (.nan, .nan) }.failure == .infinite)
    var short = search
    short.most = 2
    // A valley that is far nearer than the first trials.
    let few = try short.search { t in (1e8 * t * t * t * t - t, 4e8 * t * t * t - 1) }
    #expect(few.failure == .evaluations)
    #expect(few.sample.value <= 0, "the lowest place that was seen")
    if search != .armijo() {
      var near = search
      near.longest = 0.5
      let far = try near.search { t in ((t - 30) * (t - 30), 2 * (t - 30)) }
      #expect(far.failure == .longestStep)
      #expect(far.sample.step == 0.5)
    }
  }

  @Test func settingsThatMakeNoSenseAreNamed() {
    for search in [
      StepSearch.armijo(sufficient: 0), .armijo(shrinking: 1), .strongWolfe(sufficient: 0.9, curvature: 0.1),
      .hagerZhang(curvature: .nan),
    ] {
      #expect(throws: TensorError.self) { try search.search { t in (t * t - t, 2 * t - 1) } }
    }
    var none = StepSearch.armijo()
    none.most = 0
    #expect(throws: TensorError.self) { try none.check() }
    #expect(throws: CancellationError.self) { try StepSearch.armijo().search { _ in throw CancellationError() } }
  }

  @Test func cubicsAreExact() throws {
    // t³ − 3 t has its minimum at 1.
    func sample(_ t: Double) -> StepSearch.Sample { .init(step: t, value: t * t * t - 3 * t, slope: 3 * t * t - 3) }
    #expect(try abs(#require(StepSearch.cubicMinimum(sample(0), sample(2))) - 1) < 1e-12)
    #expect(try abs(#require(StepSearch.cubicMinimum(sample(2), sample(0))) - 1) < 1e-12)
  }
}
