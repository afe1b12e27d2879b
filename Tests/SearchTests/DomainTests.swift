import DescentSearch
import Foundation
import Testing

@Suite struct DomainTests {
  static let all: [Domain] = [
    .real(-5...10), .real(1e-5...1e-1, scale: .logarithmic), .real(0...1, step: 0.1), .real(2...2),
    .real(-1.7e308...1.7e308), .integer(1...4), .integer(-7...20, step: 3), .integer(16...512, scale: .logarithmic),
    .integer(5...5), .choice(["relu", "gelu", "tanh"]), .choice(["one"]), .toggle, .subset(["a", "b", "c", "d"]),
    .permutation(["a", "b", "c", "d", "e"]),
  ]

  @Test func domainsWithTheSamePartsAreEqual() {
    #expect(Domain.integer(1...4) == Domain.integer(1...4, scale: .linear, step: 1))
    #expect(Domain.real(0...1) != Domain.real(0...1, scale: .logarithmic))
  }

  @Test(arguments: all) func everyValueIsFoundAgainFromItsPlaceAndItsFeatures(domain: Domain) throws {
    try domain.check("x")
    for trial in 0..<200 {
      var random = TrialRandom(seed: 3, trial: trial, purpose: "x")
      let setting = domain.setting(from: &random)
      #expect(domain.contains(setting))
      let place = domain.coordinates(of: setting)
      #expect(place.count == domain.coordinateCount && place.allSatisfy { (0...1).contains($0) })
      let features = domain.features(of: setting)
      #expect(features.count == domain.featureCount && features.allSatisfy { (0...1).contains($0) })
      for found in [domain.setting(at: place), domain.setting(nearest: features)] {
        #expect(domain.contains(found))
        if case .real(let value) = setting, case .real(let again) = found {
          #expect(abs(value - again) <= 1e-12 * max(abs(value), 1e-300) * 100)
        } else {
          #expect(found == setting)
        }
      }
    }
  }

  @Test(arguments: all) func aDomainIsReadAsItWasWritten(domain: Domain) throws {
    let data = try JSONEncoder().encode(domain)
    #expect(try JSONDecoder().decode(Domain.self, from: data) == domain)
    var random = TrialRandom(seed: 3, trial: 0, purpose: "x")
    let setting = domain.setting(from: &random)
    #expect(try JSONDecoder().decode(Setting.self, from: JSONEncoder().encode(setting)) == setting)
  }

  @Test func everyIntegerIsAsLikelyAsAnother() {
    let domain = Domain.integer(-7...20, step: 3)
    #expect(domain.count == 10)
    var counts: [Setting: Int] = [:]
    for place in 0..<1000 { counts[domain.setting(at: [(Double(place) + 0.5) / 1000]), default: 0] += 1 }
    #expect(counts.count == 10 && counts.values.allSatisfy { $0 == 100 })
    #expect(domain.setting(at: [0]) == .integer(-7) && domain.setting(at: [1]) == .integer(20))
  }

  @Test func countsAreThoseOfCombinatorics() {
    #expect(Domain.real(0...1, step: 0.1).count == 11)
    #expect(Domain.real(0...1).count == .infinity)
    #expect(Domain.subset(["a", "b", "c"]).count == 8)
    #expect(Domain.permutation(["a", "b", "c", "d"]).count == 24)
    #expect(abs(Domain.permutation((0..<200).map { "\($0)" }).decimalLogarithmOfCount - 374.8968886) < 1e-6)
  }

  @Test(arguments: [
    (Domain.real(-1...1, scale: .logarithmic), "x: a logarithmic range lies above zero, and -1.0...1.0 does not"),
    (.real(0...1, step: 0), "x: a step is positive, and 0.0 was given"),
    (
      .real(1...2, scale: .logarithmic, step: 0.1),
      "x: a logarithmic range of real numbers has no steps, and 0.1 was given"
    ),
    (.real(0...Double.infinity), "x: the range 0.0...inf is not finite"),
    (.integer(0...9, scale: .logarithmic), "x: a logarithmic range lies above zero, and 0...9 does not"),
    (.integer(0...9, step: 0), "x: a step is 1 or more, and 0 was given"),
    (
      .integer(Int.min...Int.max),
      "x: the integers of \(Int.min)...\(Int.max) are more than 2⁵³, which cannot be told apart"
    ),
    (
      .integer(Int.min...Int.max, step: Int.max),
      "x: the integers of \(Int.min)...\(Int.max) are more than 2⁵³, which cannot be told apart"
    ),
    (.choice([]), "x: there are no options to choose from"),
    (.choice(["a", "b", "a"]), "x: the option \"a\" is given twice"),
  ]) func aDomainThatMakesNoSenseIsRefused(domain: Domain, words: String) {
    #expect { try domain.check("x") } throws: { "\($0)" == words }
    // What is refused does not trap either.
    _ = [0, 0.5, 1, .nan, -.infinity].map { domain.setting(at: [$0]) }
    let setting = domain.setting(at: [0.3])
    _ = (domain.contains(setting), domain.coordinates(of: setting), domain.features(of: setting), domain.count)
  }

  @Test func aValueOfAnotherKindIsNotInTheDomain() {
    #expect(!Domain.toggle.contains(.integer(1)))
    #expect(!Domain.choice(["a"]).contains(.choice(1)))
    #expect(!Domain.real(0...1, step: 0.25).contains(.real(0.3)))
    #expect(!Domain.real(0...1).contains(.real(.nan)))
    #expect(!Domain.subset(["a", "b"]).contains(.subset([1, 0])))
    #expect(!Domain.permutation(["a", "b"]).contains(.permutation([0, 0])))
    #expect(Domain.choice(["a"]).coordinates(of: .integer(Int.max)) == [0.5])
  }

  @Test func anEmptyRangeInAFileIsRefused() {
    let text = Data(#"{"kind": "real", "low": 2, "high": 1}"#.utf8)
    #expect { try JSONDecoder().decode(Domain.self, from: text) } throws: { "\($0)".contains("2.0...1.0 is empty") }
  }
}
