import Foundation
import Testing

@testable import DescentZIP

/// Digits that are digits upside down as well.
@Suite struct UpsideDownTests {
  /// Columns that favor a code, a column a digit and a blank between, with a share of doubt.
  private func look(_ code: String, doubt: Double) throws -> SymbolProbabilities {
    let columns = Symbol.symbols(of: code).flatMap { [$0.classIndex, Symbol.blankClass] }
    let logits = columns.flatMap { favored in
      (0..<Symbol.classCount).map { Float(log($0 == favored ? 1 - doubt : doubt / 11)) }
    }
    return try #require(SymbolProbabilities(logits: logits))
  }

  @Test func aLineThatIsSurerTurnedRoundIsRejected() throws {
    let rule = ReadingRule(threshold: 0.5)
    let reading = rule.read(try look("10689", doubt: 0.02))
    #expect(reading.code == "10689")
    let turned = rule.checked(reading, turned: try look("68901", doubt: 0.001))
    #expect(turned.rejection == .upsideDown(turned: "68901"))
    #expect(turned.text == "10689" && turned.confidence == reading.confidence)
    #expect(rule.checked(reading, turned: try look("68901", doubt: 0.05)) == reading)
  }

  @Test func whatIsNoOtherCodeTurnedRoundChangesNothing() throws {
    let rule = ReadingRule(threshold: 0.5)
    let reading = rule.read(try look("10801", doubt: 0.02))
    #expect(rule.checked(reading, turned: try look("10801", doubt: 0.001)) == reading)
    #expect(rule.checked(reading, turned: try look("1080", doubt: 0.001)) == reading)
    #expect(rule.checked(reading, turned: try look("1080X", doubt: 0.001)) == reading)
    let rejected = ReadingRule(threshold: 0.999).read(try look("10689", doubt: 0.02))
    #expect(rejected.rejection != nil)
    #expect(rule.checked(rejected, turned: try look("68901", doubt: 0.001)) == rejected)
  }

  @Test func aTurnedCodeThatIsNotInTheListIsNone() throws {
    let codes = ZIPCodeList([10_689, 90_210])
    let rule = ReadingRule(threshold: 0.5, codes: codes)
    let reading = rule.read(try look("10689", doubt: 0.02))
    #expect(reading.code == "10689")
    #expect(rule.checked(reading, turned: try look("68901", doubt: 0.001)).code == "10689")
  }
}
