import DescentData
import Testing

@Suite struct DigitSplitsTests {
  @Test func theSetsNeverMixAndLeaveNothingOut() throws {
    for count in [0, 1, 2, 3, 10, 1797] {
      let split = try IndexSplit(count: count, training: 0.7, calibration: 0.1, test: 0.2, seed: 3)
      let all = split.training + split.calibration + split.test
      #expect(all.sorted() == Array(0..<count))
    }
    let split = try IndexSplit(count: 1000, training: 0.5, calibration: 0.1, test: 0.2, seed: 3)
    #expect(split.training.count == 500 && split.calibration.count == 100 && split.test.count == 200)
    #expect(Set(split.training + split.calibration + split.test).count == 800)
  }

  @Test func aSeedIsAnOrder() throws {
    func split(_ seed: UInt64) throws -> IndexSplit {
      try IndexSplit(count: 100, training: 0.6, calibration: 0.2, test: 0.2, seed: seed)
    }
    #expect(try split(1) == split(1))
    #expect(try split(1) != split(2))
    // Held for good: a trained reader's test set must stay the one it was not trained on.
    #expect(try split(1).training.prefix(5) == [22, 96, 24, 79, 63])
  }

  @Test func sharesThatAreNone() {
    for (training, calibration, test) in [(0.9, 0.2, 0.0), (-0.1, 0.5, 0.5), (.nan, 0, 0), (.infinity, 0, 0)] {
      expectMistake("shares") {
        try IndexSplit(count: 10, training: training, calibration: calibration, test: test, seed: 0)
      }
    }
    expectMistake("shares") { try IndexSplit(count: -1, training: 1, calibration: 0, test: 0, seed: 0) }
  }

  @Test func picturesFollowTheirLabels() throws {
    let labels = (0..<50).map { UInt8($0 % 10) }
    let digits = try DigitImages(height: 1, width: 2, pixels: labels.flatMap { [$0, $0 * 10] }, labels: labels)
    let split = try digits.split(training: 0.5, calibration: 0.25, test: 0.25, seed: 9)
    for part in [split.training, split.calibration, split.test] {
      #expect(part.pixels == part.labels.flatMap { [$0, $0 * 10] })
    }
    #expect(split.training.count + split.calibration.count + split.test.count == 50)
  }
}
