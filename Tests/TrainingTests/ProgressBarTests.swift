import Testing

@testable import DescentTraining

@Suite struct ProgressBarTests {
  private func progress(epochs: Int = 4, batch: Int = 3, seconds: Double = 2) -> TrainingProgress {
    TrainingProgress(
      epoch: 1, epochCount: epochs, batch: batch, batchCount: 10, stepCount: 13, means: [0.5, 0.875],
      names: ["loss", "accuracy"], examples: 24_000, stepsTimed: 12, seconds: seconds)
  }

  private func lines(isTerminal: Bool, columns: Int? = nil, _ body: (inout ProgressBar) -> Void) -> [String] {
    let text = Shared<[String]>([])
    var bar = ProgressBar(isTerminal: isTerminal, columns: { columns }) { line in text.change { $0.append(line) } }
    body(&bar)
    return text.value
  }

  @Test func plainLinesWhereThereIsNoTerminal() {
    let epoch = TrainingReport.Epoch(
      number: 2, training: ["loss": 0.25, "accuracy": 0.9], validation: ["loss": 0.5, "accuracy": 0.75], seconds: 2,
      examples: 2_468)
    let found = lines(isTerminal: false) { bar in
      bar.show(progress())
      // Too soon for another line.
      bar.show(progress())
      bar.show(epoch, progress())
    }
    #expect(
      found == [
        "epoch 2/4   30 %  loss 0.5000  accuracy 87.50 %  12,000 examples/s  0:05 left\n",
        "epoch 2/4  loss 0.2500  accuracy 90.00 %  validation loss 0.5000  validation accuracy 75.00 %  2.0 s"
          + "  1,234 examples/s\n",
      ])
  }

  @Test func oneLineThatIsDrawnAnewOnATerminal() {
    let found = lines(isTerminal: true) { $0.show(progress()) }
    #expect(found.count == 1)
    #expect(found[0].hasPrefix("\repoch 2/4  ━━━━━━━─────────────────   30 %  loss 0.5000"))
    #expect(found[0].hasSuffix("\u{1B}[K"))
  }

  /// What wraps cannot be drawn anew in place.
  @Test func narrowTerminals() {
    for (columns, length) in [(1, 0), (2, 1), (20, 19), (60, 59), (80, 77), (84, 83), (200, 103)] {
      let found = lines(isTerminal: true, columns: columns) { $0.show(progress()) }
      let line = found[0].dropFirst().dropLast("\u{1B}[K".count)
      #expect(line.count == length, "\(columns)")
      #expect("epoch 2/4".hasPrefix(line.prefix(9)))
      #expect(line.contains("━") == (columns >= 84))
    }
  }

  @Test func hoursAreShownAsLongAsSomebodyMayWaitForThem() {
    // 27 steps are left, and 12 were timed.
    func line(hours: Double) -> String {
      lines(isTerminal: false) { $0.show(progress(seconds: hours * 3600 * 12 / 27)) }[0]
    }
    #expect(line(hours: 0.5).hasSuffix("  30:00 left\n"))
    #expect(line(hours: 2).hasSuffix("  2:00:00 left\n"))
    #expect(line(hours: 999).hasSuffix("  999:00:00 left\n"))
    #expect(!line(hours: 1001).contains("left"))
  }

  /// No number that training can come to is too large to be shown.
  @Test func endlessTraining() {
    for isTerminal in [true, false] {
      let found = lines(isTerminal: isTerminal) { $0.show(progress(epochs: .max, batch: 11, seconds: 1e-300)) }
      #expect(found.count == 1)
      #expect(!lines(isTerminal: isTerminal) { $0.show(progress(epochs: .max)) }[0].contains("left"))
    }
  }
}
