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

  @Test func aSpaceIsReadAsItWasWritten() throws {
    let data = try JSONEncoder().encode(network)
    #expect(try JSONDecoder().decode(Space.self, from: data) == network)
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
  ]

  @Test(arguments: senseless) func aSpaceThatMakesNoSenseIsRefused(space: Space, words: String) {
    #expect { try space.check() } throws: { "\($0)" == words }
  }
}
