import DescentGraph
import DescentTensors
import Foundation
import Testing

/// The same program gives the same, whether it is recorded in one go or every intermediate value is read: what is left
/// out of a plan must not change what is computed.
@Suite("reading changes nothing")
struct ReadingTests {
  @Test func randomProgramsGiveTheSame() throws {
    var (exact, judged, unjudged) = (0, 0, 0)
    for seed in PropertyTests.seeds {
      let program = try ReadingProgram(seed: seed)
      let lazy = program.recordedInOneGo()
      guard let last = program.entries.last, let found = lazy.last else { continue }
      try evaluate(found)
      let numbers = try found.scalars()
      #expect(found.type == last.tensor.type, "seed \(seed)\n\(program.listing)")
      guard last.noise.isFinite else {
        unjudged += 1
        continue
      }
      if last.noise == 0 { exact += 1 } else { judged += 1 }
      let fault = zip(numbers, last.numbers).enumerated().first {
        !Self.agree($0.element.0, $0.element.1, last.noise, found.elementType)
      }
      if let fault {
        Issue.record(
          """
          element \(fault.offset) is \(fault.element.0) recorded in one go, \(fault.element.1) read step by step, \
          \(last.noise) allowed
          \(program.listing)
          DESCENT_PROPERTY_SEEDS=\(seed)..\(seed) runs this program alone
          """)
      }
    }
    print("read and unread programs: \(exact) exact, \(judged) to rounding, \(unjudged) undecided")
    // Tolerances that admit everything would prove nothing.
    #expect(exact * 2 >= exact + judged + unjudged)
    #expect(unjudged * 5 <= exact + judged + unjudged)
  }

  /// All chains of two conversions of numbers near the ends of all types; of those of three a part, all of them nightly.
  @Test(arguments: ElementType.allCases) func conversionsGiveTheSame(source: ElementType) throws {
    let x = Tensor(Self.special, .float64).converted(to: source)
    try evaluate(x)
    var chains: [(words: String, lazy: Tensor, read: Tensor)] = [("\(source)", x, x)]
    for length in 1...3 {
      if length == 3, PropertyTests.seeds.count <= 300 {
        chains = chains.enumerated().filter { $0.offset % 13 == Int(source.rawValue) }.map(\.element)
      }
      chains = chains.flatMap { chain in
        ElementType.allCases.map {
          ("\(chain.words) → \($0)", chain.lazy.converted(to: $0), chain.read.converted(to: $0))
        }
      }
      try evaluate(chains.map(\.read))
      // Computed from expressions of their own, which keep what leads to them.
      let lazy = chains.map { chain in Self.chain(chain.words, x) }
      try evaluate(lazy)
      for (chain, found) in zip(chains, lazy) {
        let (a, b) = (try found.scalars(), try chain.read.scalars())
        #expect(zip(a, b).allSatisfy { Self.isSame($0, $1) }, "\(chain.words): \(a) recorded in one go, \(b) read")
        #expect(found.type == chain.read.type)
      }
    }
  }

  /// The chain that words name, recorded from the source anew.
  private static func chain(_ words: String, _ x: Tensor) -> Tensor {
    let names = words.components(separatedBy: " → ").dropFirst()
    return names.reduce(x) { value, name in
      value.converted(to: ElementType.allCases.first { "\($0)" == name } ?? value.elementType)
    }
  }

  private static func isSame(_ a: Double, _ b: Double) -> Bool { a == b && a.sign == b.sign || a.isNaN && b.isNaN }

  private static func agree(_ a: Double, _ b: Double, _ noise: Double, _ type: ElementType) -> Bool {
    if a == b || a.isNaN && b.isNaN { return true }
    return (a - b).magnitude <= noise
  }

  private static let special: [Double] = [
    0, -0.0, 1, -1, 0.5, -0.5, 1.5, 127, 128, -128, -129, 255, 256, -300, 300, 32_767, 32_768, 65_504, 65_535, 65_536,
    -70_000,
    2_147_483_647, 2_147_483_648, 4_294_967_296, 9.3e18, -9.3e18, 1.9e19, 1e-8, 1e39, -1e39, .infinity, -.infinity,
    .nan,
  ]
}
