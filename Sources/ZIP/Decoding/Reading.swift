/// What a line says, how sure that is, and whether it is to be believed.
public struct Reading: Hashable, Sendable {
  /// The most likely string; non-digits as "✗". Empty where the picture was rejected before it was read.
  public let text: String
  /// The probability of that string, 0 … 1.
  public let confidence: Double
  /// The next most likely string, where one was looked for.
  public let runnerUp: Candidate?
  /// Why the reading is not to be believed; nil where it is.
  public let rejection: Rejection?

  /// The ZIP code; nil where the letter is rejected.
  public var code: String? { rejection == nil ? text : nil }

  /// A reading of given parts.
  public init(text: String, confidence: Double, runnerUp: Candidate? = nil, rejection: Rejection? = nil) {
    self.text = text
    self.confidence = confidence
    self.runnerUp = runnerUp
    self.rejection = rejection
  }

  /// The reading of a picture that was rejected before the network saw it.
  public init(rejection: Rejection) {
    self.init(text: "", confidence: 0, rejection: rejection)
  }
}

extension Reading: CustomStringConvertible {
  /// "90210  (confidence 0.9998)", or "rejected: " and the reason.
  public var description: String {
    if let rejection { return "rejected: \(rejection)" }
    return "\(text)  (confidence \(shortDecimal(confidence)))"
  }
}

/// Decides from the network's probabilities what a line says and whether to believe it.
public struct ReadingRule: Sendable {
  /// The least confidence with which a reading is believed.
  public var threshold: Double
  /// The valid ZIP codes; nil where any five digits may be one.
  public var codes: ZIPCodeList?

  /// A rule.
  public init(threshold: Double = 0, codes: ZIPCodeList? = nil) {
    self.threshold = threshold
    self.codes = codes
  }

  /// Reads a line.
  ///
  /// Without a list the confidence is the exact probability of the string. With one, it is the probability of the code
  /// given that five digits are one of the list: what the list excludes is divided out, what speaks for four digits or
  /// a letter is not.
  ///
  /// - Complexity: O(columns) for each prefix that the search extends; well under a millisecond for a clear line.
  public func read(_ probabilities: SymbolProbabilities) -> Reading {
    let open = probabilities.mostLikely(2)
    guard let best = open.candidates.first else { return Reading(rejection: .digitCount(0)) }
    let runnerUp = open.candidates.dropFirst().first
    let text = best.symbols.text

    func rejected(_ rejection: Rejection) -> Reading {
      Reading(text: text, confidence: best.probability, runnerUp: runnerUp, rejection: rejection)
    }
    if let position = best.symbols.firstIndex(of: .nonDigit) { return rejected(.notADigit(position: position + 1)) }
    guard best.symbols.count == 5 else { return rejected(.digitCount(best.symbols.count)) }
    guard let codes else { return believed(best, runnerUp, confidence: best.probability) }

    let listed = probabilities.mostLikely(2, in: codes, openMass: 1e-4, limit: 1_000)
    guard let code = listed.candidates.first, code.probability > 1e-12 else {
      return rejected(.notInList(reading: text))
    }
    let anyFive = probabilities.digitCountProbabilities(upTo: 5)[5]
    let possible = max(1 - anyFive, 0) + listed.foundMass + listed.openMass
    let confidence = min(code.probability / possible, 1)
    // A code that the ink hardly supports is the list's word, not the writer's.
    guard code.probability >= 1e-3 * best.probability else { return rejected(.notInList(reading: text)) }
    return believed(code, listed.candidates.dropFirst().first, confidence: confidence)
  }

  /// A reading that is to be believed, unless the line says another code, and more surely, when it is turned round: 0, 1, 6,
  /// 8 and 9 are digits upside down as well.
  ///
  /// - Parameter turned: What the network says of the line turned round.
  /// - Complexity: As ``read(_:)``.
  public func checked(_ reading: Reading, turned: SymbolProbabilities) -> Reading {
    guard reading.rejection == nil, let other = turned.mostLikely(1, in: codes).candidates.first,
      other.symbols.count == 5, !other.symbols.contains(.nonDigit), other.symbols.text != reading.text,
      other.probability > reading.confidence
    else { return reading }
    return Reading(
      text: reading.text, confidence: reading.confidence, runnerUp: reading.runnerUp,
      rejection: .upsideDown(turned: other.symbols.text))
  }

  private func believed(_ candidate: Candidate, _ runnerUp: Candidate?, confidence: Double) -> Reading {
    let text = candidate.symbols.text
    let rejection: Rejection? =
      confidence >= threshold ? nil : .unsure(reading: text, confidence: confidence, threshold: threshold)
    return Reading(text: text, confidence: confidence, runnerUp: runnerUp, rejection: rejection)
  }
}
