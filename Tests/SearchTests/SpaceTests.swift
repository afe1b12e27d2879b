import DescentSearch
import Foundation
import Testing

@Suite struct SpaceTests {
  let network = Space(
    [
      .init("layers", .integer(1...3)), .init("optimizer", .choice(["sgd", "adam"])),
      .init("momentum", .real(0...1), when: .choice("optimizer", among: ["sgd"])),
      .init("units2", .integer(16...512), when: .number("layers", atLeast: 2)),
      .init("dropout", .toggle), .init("parts", .subset(["a", "b"])),
    ],
    allowing: [.sum(["layers": 1, "dropout": 1], atMost: 3), .not(.all([.isOn("dropout"), .holds("parts", "b")]))])

  @Test func aPartIsThereWhereItsConditionHolds() throws {
    try network.check()
    let settings: Settings = ["layers": .integer(1), "optimizer": .choice(1)]
    #expect(network.active(settings).map(\.name) == ["layers", "optimizer", "dropout", "parts"])
    let deep: Settings = ["layers": .integer(2), "optimizer": .choice(0)]
    #expect(network.active(deep).map(\.name) == ["layers", "optimizer", "momentum", "units2", "dropout", "parts"])
  }

  @Test func constraintsTellWhatIsAllowed() {
    var settings: Settings = ["layers": .integer(3), "dropout": .toggle(true), "parts": .subset([])]
    #expect(!network.allows(settings))
    settings["layers"] = .integer(2)
    #expect(network.allows(settings))
    settings["parts"] = .subset([0, 1])
    #expect(!network.allows(settings))
    #expect(network.allows([:]))
  }

  /// Conditions on formulas, with settings and whether they hold of them.
  static let comparisons: [(Condition, String, Settings, Bool)] = [
    (
      .atMost(.product("layers", "width"), 1_024), "layers * width ≤ 1024",
      ["layers": .integer(4), "width": .real(256)], true
    ),
    (
      .below(.product("layers", "width"), 1_024), "layers * width < 1024",
      ["layers": .integer(4), "width": .real(256)], false
    ),
    (
      .equal(.function(.fmod, of: ["width", "batch"]), 0), "fmod(width, batch) = 0",
      ["width": .real(96), "batch": .choice(1)], true
    ),
    (
      .atMost(.quotient(1, .sum("dropout", .negative("layers"))), .power(.difference("width", 2), .power(2, 3))),
      "1 / (dropout + -layers) ≤ (width - 2)^2^3",
      ["dropout": .toggle(true), "layers": .integer(3), "width": .real(2)], true
    ),
    (
      .not(.below(.function(.sqrt, of: ["width"]), .difference(1, .difference(2, "layers")))),
      "not (sqrt(width) < 1 - (2 - layers))", ["layers": .integer(1), "width": .real(-1)], true
    ),
    // A parameter that is not there has no number.
    (.equal("width", "width"), "width = width", ["layers": .integer(1)], false),
  ]

  @Test(arguments: comparisons)
  func formulasAreCompared(condition: Condition, words: String, settings: Settings, holds: Bool) throws {
    let space = Space(
      [
        .init("layers", .integer(1...4)), .init("width", .real(-1...256)), .init("dropout", .toggle),
        .init("batch", .choice(["16", "32"])),
      ], allowing: [condition])
    try space.check()
    #expect("\(condition)" == words)
    #expect(condition.holds(settings, in: space.domains) == holds)
    let data = try JSONEncoder().encode(space)
    #expect(try JSONDecoder().decode(Space.self, from: data) == space)
  }

  /// Every function gives what Foundation's of that name gives.
  @Test func functionsOfFormulas() {
    let known: [Formula.Function: Double] = [
      .abs: 0.75, .sqrt: 0.75.squareRoot(), .cbrt: cbrt(0.75), .square: 0.5625, .exp: exp(0.75), .expm1: expm1(0.75),
      .exp2: exp2(0.75), .log: log(0.75), .log1p: log1p(0.75), .log2: log2(0.75), .log10: log10(0.75), .sin: sin(0.75),
      .cos: cos(0.75), .tan: tan(0.75), .asin: asin(0.75), .acos: acos(0.75), .atan: atan(0.75), .sinh: sinh(0.75),
      .cosh: cosh(0.75), .tanh: tanh(0.75), .floor: 0, .ceil: 1, .round: 1, .trunc: 0, .pow: pow(0.75, 2.5), .max: 2.5,
      .min: 0.75, .hypot: hypot(0.75, 2.5), .atan2: atan2(0.75, 2.5), .fmod: 0.75,
    ]
    for function in Formula.Function.allCases {
      let formula = Formula.function(function, of: function.arity == 2 ? ["x", 2.5] : ["x"])
      #expect(formula.value { $0 == "x" ? 0.75 : nil } == known[function], "\(function)")
    }
    #expect(Formula.function(.max, of: ["x", 1]).value { _ in .nan }?.isNaN == true)
  }

  @Test func aSpaceIsReadAsItWasWritten() throws {
    let data = try JSONEncoder().encode(network)
    #expect(try JSONDecoder().decode(Space.self, from: data) == network)
    // As deep as a formula may be, files of JSON hold it.
    let deep = Space([.init("x", .toggle)], allowing: [.not(.atMost(nested(199), 1))])
    #expect(try JSONDecoder().decode(Space.self, from: try JSONEncoder().encode(deep)) == deep)
  }

  private func nested(_ depth: Int) -> Formula {
    (0..<depth).reduce("x" as Formula) { formula, _ in .sum(formula, 1) }
  }

  static let senseless: [(Space, String)] = [
    (["x": .toggle, "x": .real(0...1)] as Space, "x: two parameters have this name: on or off, and 0.0...1.0"),
    ([:], "space: there are no parameters"),
    (["": .toggle], "space: a parameter has no name"),
    (["x": .real(0...1, scale: .logarithmic)], "x: a logarithmic range lies above zero, and 0.0...1.0 does not"),
    (
      Space([.init("x", .toggle, when: .isOn("y")), .init("y", .toggle)]),
      "x: y is on speaks of y, which does not stand before it in the space"
    ),
    (
      Space([.init("x", .choice(["a"]))], allowing: [.choice("x", among: ["b"])]),
      "space: x = b names \"b\", which is not among the options of x: a"
    ),
    (
      Space([.init("x", .choice(["a"]))], allowing: [.sum(["x": 1], atMost: 2)]),
      "space: x ≤ 2.0 adds up x, which is one of a"
    ),
    (
      Space([.init("x", .choice(["1", "a"]))], allowing: [.below("x", 2)]),
      "space: x < 2 calculates with x, which is one of 1, a"
    ),
    (
      Space([.init("x", .toggle)], allowing: [.equal("y", .number(.nan))]),
      "space: y = nan speaks of y, which does not stand before it in the space"
    ),
    (
      Space([.init("x", .toggle)], allowing: [.equal("x", .number(.nan))]),
      "space: x = nan has numbers that are not finite"
    ),
    (
      Space([.init("x", .toggle)], allowing: [.below(.function(.max, of: ["x"]), 2)]),
      "space: max(x) < 2 gives max 1 numbers, and it takes 2"
    ),
  ]

  @Test(arguments: senseless) func aSpaceThatMakesNoSenseIsRefused(space: Space, words: String) {
    #expect { try space.check() } throws: { "\($0)" == words }
  }

  @Test func aFormulaThatIsTooDeepIsRefused() {
    let space = Space([.init("x", .toggle)], allowing: [.below(nested(200), 1)])
    #expect { try space.check() } throws: { "\($0)".hasSuffix("is nested 201 deep, where 200 is the most") }
  }
}
