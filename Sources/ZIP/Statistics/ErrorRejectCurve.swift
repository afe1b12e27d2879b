/// One letter of a test: how sure its reading was, and whether it was right.
public struct JudgedReading: Hashable, Sendable {
  /// The reading's confidence; nil where the letter was rejected for another reason than that.
  public let confidence: Double?
  /// Whether the reading says what is written.
  public let isRight: Bool

  /// A judgment of given parts.
  public init(confidence: Double?, isRight: Bool) {
    self.confidence = confidence
    self.isRight = isRight
  }

  /// The judgment of a reading that was made without a threshold.
  public init(_ reading: Reading, truth: [Symbol]) {
    let isRejected = reading.rejection != nil
    self.init(confidence: isRejected ? nil : reading.confidence, isRight: !isRejected && reading.text == truth.text)
  }
}

/// How many errors remain among the accepted letters as more and more are rejected.
///
/// Letters are rejected in the order of their confidence, the least sure first. Those rejected whatever the threshold
/// count as rejected at every point.
public struct ErrorRejectCurve: Sendable {
  /// What remains at one threshold.
  public struct Point: Hashable, Sendable {
    /// Readings at least this sure are accepted.
    public let threshold: Double
    /// How many are.
    public let accepted: Int
    /// How many of these are wrong.
    public let errors: Int
    /// How many letters there were.
    public let total: Int

    /// The share of errors among the accepted letters; 0 where none is accepted.
    public var errorRate: Double { accepted == 0 ? 0 : Double(errors) / Double(accepted) }
    /// The share of letters rejected.
    public var rejectRate: Double { total == 0 ? 0 : Double(total - accepted) / Double(total) }
    /// The rate that the true one exceeds with a probability of at most 5 %.
    public var upperBound: Double { ClopperPearson.upperBound(errors: errors, of: accepted) }
    /// The interval that holds the true rate with a probability of at least 95 %.
    public var interval: ClosedRange<Double> { ClopperPearson.interval(errors: errors, of: accepted) }
  }

  /// The points from nothing rejected on; thresholds ascend, and letters of equal confidence share one.
  public let points: [Point]
  /// How many letters there were.
  public let total: Int

  /// The curve of a test.
  ///
  /// - Complexity: O(*n* log *n*).
  public init(_ readings: [JudgedReading]) {
    total = readings.count
    let sorted = readings.compactMap { reading in reading.confidence.map { ($0, reading.isRight) } }
      .sorted { $0.0 > $1.0 }
    var points: [Point] = []
    var errors = 0
    for (index, (confidence, isRight)) in sorted.enumerated() {
      errors += isRight ? 0 : 1
      if index + 1 < sorted.count, sorted[index + 1].0 == confidence { continue }
      points.append(Point(threshold: confidence, accepted: index + 1, errors: errors, total: readings.count))
    }
    self.points = points.reversed()
  }

  /// What remains at a threshold.
  ///
  /// - Complexity: O(*n*).
  public func point(atThreshold threshold: Double) -> Point {
    points.first { $0.threshold >= threshold }
      ?? Point(threshold: threshold, accepted: 0, errors: 0, total: total)
  }

  /// What remains when at most a share of all letters is rejected: the point with the most rejected below it.
  ///
  /// nil where more are rejected than that at every point.
  ///
  /// - Complexity: O(*n*).
  public func point(rejectingAtMost share: Double) -> Point? {
    points.last { $0.rejectRate <= share + 1e-12 }
  }
}
